import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { partitionsOf } from '../../../lib/install/layout';
import { divide } from '../../../lib/install/room';
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
  it('follow each other', () => {
    const { bios, esp, releases } = partitionsOf('abc', 256 * MEBIBYTE);
    expect(bios.start).to.equal(MEBIBYTE);
    expect(esp.start).to.equal(bios.start + bios.bytes);
    expect(releases.start).to.equal(esp.start + esp.bytes);
    expect(releases.bytes).to.equal(256 * MEBIBYTE);
  });

  it('have the same UUIDs for the same content, and others for other content', () => {
    const uuids = (id: string): string[] =>
      Object.values(partitionsOf(id, 256 * MEBIBYTE)).map(({ uuid }) => uuid);
    expect(uuids('abc')).to.deep.equal(uuids('abc'));
    expect(new Set([...uuids('abc'), ...uuids('abd')]).size).to.equal(6);
  });
});

describe('the room on a disk', () => {
  const wanted = { release: 100 * MEBIBYTE, releases: 3, overhead: 37 * MEBIBYTE };
  const mebibytes = (size: number | 'auto', ...volumes: (number | 'rest')[]): number[] => {
    const { bytes, releases } = divide({ ...wanted, volumes }, size === 'auto' ? size : size * MEBIBYTE);
    return [bytes / MEBIBYTE, releases / MEBIBYTE];
  };

  it('is what one release and the volumes take, with a little for the one that takes the rest', () => {
    expect(mebibytes('auto')).to.deep.equal([137, 100]);
    expect(mebibytes('auto', 64, 'rest')).to.deep.equal([217, 100]);
  });

  it('is for more releases where the size is stated, and for the volumes behind them', () => {
    expect(mebibytes(1000, 64, 'rest')).to.deep.equal([1000, 300]);
    expect(mebibytes(300, 64, 'rest')).to.deep.equal([300, 183]);
    expect(mebibytes(1000)).to.deep.equal([1000, 963]);
  });

  it('is not there where one release and the volumes do not fit', () => {
    expect(() => mebibytes(216, 64, 'rest')).to.throw('install.size: the release does not fit');
    expect(mebibytes(217, 64, 'rest')).to.deep.equal([217, 100]);
  });
});
