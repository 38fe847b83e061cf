import { expect } from 'chai';
import { checkDevice } from '../../../lib/install/write-disk';

describe('a disk that an image is to be written to', () => {
  // Nobody has this one.
  const disk = { path: '/dev/null', bytes: 2 ** 30, isPartition: false, isReadOnly: false };

  it('is a whole one', () => {
    expect(() => checkDevice({ ...disk, isPartition: true })).to.throw(
      'expected a whole disk, found a partition',
    );
  });

  it('can be written', () => {
    expect(() => checkDevice({ ...disk, isReadOnly: true })).to.throw('the disk is read-only');
  });
});
