import { expect } from 'chai';
import { didYouMean } from '../../../lib/config/suggest';

describe('did you mean', () => {
  it('finds the nearest word, whatever its case, with a swap as one edit', () => {
    expect(didYouMean('pacakges', ['paths', 'packages', 'package'])).to.equal('packages');
    expect(didYouMean('hosts', ['hoist', 'host'])).to.equal('host');
    expect(didYouMean('Docker.IO', ['docker.io'])).to.equal('docker.io');
    expect(didYouMean('ab', ['ba', 'xy'])).to.equal('ba');
  });

  it('finds the word with the same letters among several that are as near', () => {
    expect(didYouMean('htpo', ['htp', 'http', 'htop', 'hto'])).to.equal('htop');
    expect(didYouMean('hoste', ['host', 'hosts'])).to.equal('hosts');
  });

  it('finds no word that is too different, or merely short', () => {
    expect(didYouMean('x', ['y', 'a'])).to.equal(undefined);
    expect(didYouMean('xy', ['ab'])).to.equal(undefined);
    expect(didYouMean('network', ['kernel', 'overlay'])).to.equal(undefined);
    expect(didYouMean('', ['a'])).to.equal(undefined);
    expect(didYouMean('word', [])).to.equal(undefined);
  });
});
