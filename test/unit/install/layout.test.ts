import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { partitionsOf } from '../../../lib/install/layout';
import { stageRelease } from '../../../lib/release/layout';
import { testFolder } from '../../helpers/folder';

const MEBIBYTE = 2 ** 20;

describe("a machine's file system", () => {
  const folder = testFolder();

  it('holds the release, which is the current one', () => {
    mkdirSync(folder.path('release/layers'), { recursive: true });
    writeFileSync(folder.path('release/layers/10-root.squashfs'), 'layer');
    stageRelease(folder.path('release'), 'r1', ['layers/10-root.squashfs'], folder.path('staged'));
    expect(readlinkSync(folder.path('staged/dock0/current'))).to.equal('r1');
    expect(readFileSync(folder.path('staged/dock0/r1/layers/10-root.squashfs'), 'utf8')).to.equal('layer');
  });
});

describe('the partitions of a disk that boots by itself', () => {
  it('follow each other, and leave room for both copies of the table', () => {
    const { bios, esp, releases } = partitionsOf('abc', 256 * MEBIBYTE);
    expect(bios.start).to.equal(MEBIBYTE);
    expect(esp.start).to.equal(bios.start + bios.bytes);
    expect(releases.start).to.equal(esp.start + esp.bytes);
    expect(releases.start + releases.bytes).to.equal(255 * MEBIBYTE);
  });

  it('have the same UUIDs for the same content, and others for other content', () => {
    const uuids = (id: string): string[] =>
      Object.values(partitionsOf(id, 256 * MEBIBYTE)).map(({ uuid }) => uuid);
    expect(uuids('abc')).to.deep.equal(uuids('abc'));
    expect(new Set([...uuids('abc'), ...uuids('abd')]).size).to.equal(6);
  });

  it('are none on a disk without room for releases', () => {
    expect(() => partitionsOf('abc', 37 * MEBIBYTE)).to.throw(RangeError);
  });
});
