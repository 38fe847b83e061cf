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

describe('the room on a disk', () => {
  const wanted = { release: 100 * MEBIBYTE, releases: 3, overhead: 37 * MEBIBYTE };
  const rest = { name: 'volume-docker', bytes: 'rest' as const };
  const swap = { name: 'volume-data', bytes: 64 * MEBIBYTE };
  const mebibytes = (size: number | 'auto', ...volumes: (typeof rest | typeof swap)[]): number[] => {
    const found = divide({ ...wanted, volumes }, size === 'auto' ? size : size * MEBIBYTE);
    return [found.bytes, ...found.volumes.map(({ bytes }) => bytes)].map((bytes) => bytes / MEBIBYTE);
  };

  it('is what the releases and the volumes take', () => {
    expect(mebibytes('auto')).to.deep.equal([337]);
    expect(mebibytes('auto', swap, rest)).to.deep.equal([417, 64, 16]);
  });

  it('goes to the volume that takes the rest, once the releases have theirs', () => {
    expect(mebibytes(1000, swap, rest)).to.deep.equal([1000, 64, 599]);
    expect(mebibytes(300, swap, rest)).to.deep.equal([300, 64, 16]);
  });

  it('is not there where not even one release fits', () => {
    expect(() => mebibytes(216, swap, rest)).to.throw('install.size: the release does not fit');
    expect(mebibytes(217, swap, rest)).to.deep.equal([217, 64, 16]);
  });

  it('is divided into partitions that follow each other', () => {
    const { releases, ...more } = partitionsOf('abc', 217 * MEBIBYTE, [swap]);
    expect(releases.bytes).to.equal(116 * MEBIBYTE);
    expect(more['volume-data']?.start).to.equal(releases.start + releases.bytes);
    expect(more['volume-data']?.bytes).to.equal(64 * MEBIBYTE);
  });
});
