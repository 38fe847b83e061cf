import { expect } from 'chai';

/** An entry of an archive as it stands there. */
export interface Member {
  path: string;
  inode: number;
  mode: number;
  uid: number;
  gid: number;
  links: number;
  mtime: number;
  device: [number, number];
  data: string;
}

/** Reads an archive back, strictly by the format's description; stops at the trailer. */
export function membersOf(archive: Buffer, encoding: BufferEncoding = 'utf8'): Member[] {
  const found: Member[] = [];
  for (let at = 0; ; ) {
    expect(archive.toString('ascii', at, at + 6)).to.equal('070701');
    const field = (index: number): number =>
      Number.parseInt(archive.toString('ascii', at + 6 + index * 8, at + 14 + index * 8), 16);
    const path = archive.toString('utf8', at + 110, at + 110 + field(11) - 1);
    expect(archive[at + 110 + field(11) - 1]).to.equal(0);
    const start = Math.ceil((at + 110 + field(11)) / 4) * 4;
    if (path === 'TRAILER!!!') return found;
    found.push({
      path,
      inode: field(0),
      mode: field(1),
      uid: field(2),
      gid: field(3),
      links: field(4),
      mtime: field(5),
      device: [field(9), field(10)],
      data: archive.toString(encoding, start, start + field(6)),
    });
    at = Math.ceil((start + field(6)) / 4) * 4;
  }
}
