import { expect } from 'chai';
import { memoryOf } from '../helpers/stream-memory';

describe('256 MB through a stream', () => {
  for (const stream of ['render', 'cpio', 'squashfs', 'checksums']) {
    it(`${stream}() needs less memory than they are`, async () => {
      const { bytes, peak } = await memoryOf(stream, 256);
      expect(bytes).to.be.at.least(256 << 20);
      expect(peak).to.be.lessThan(200e6);
    });
  }
});
