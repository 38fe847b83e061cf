import { expect } from 'chai';
import { memoryOf } from '../helpers/stream-memory';

describe('1 GB through a stream', () => {
  for (const stream of ['render', 'cpio', 'squashfs', 'checksums']) {
    it(`needs less than 200 MB of memory in ${stream}()`, async () => {
      const { bytes, peak } = await memoryOf(stream, 1024);
      expect(bytes).to.be.at.least(2 ** 30);
      expect(peak).to.be.lessThan(200e6);
    });
  }
});
