import { expect } from 'chai';
import { fullName, IMAGE_REFERENCE, imageName } from '../../../lib/config/image-reference';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('the name of an image', () => {
  it('is read as Docker reads it', () => {
    const full = (stated: string): string => fullName(imageName(stated));
    expect(full('nginx')).to.equal('docker.io/library/nginx:latest');
    expect(full('some/web:1')).to.equal('docker.io/some/web:1');
    expect(full('ghcr.io/some/web')).to.equal('ghcr.io/some/web:latest');
    expect(full('localhost/web:1')).to.equal('localhost/web:1');
    expect(full('127.0.0.1:5000/a/b/web')).to.equal('127.0.0.1:5000/a/b/web:latest');
    expect(full(`nginx@${DIGEST}`)).to.equal(`docker.io/library/nginx@${DIGEST}`);
    expect(full(`nginx:1@${DIGEST}`)).to.equal(`docker.io/library/nginx:1@${DIGEST}`);
  });

  it('is known by its form', () => {
    for (const good of ['a', 'a/b', 'a.b-c__d/e:T_1', '[::1]:5000/a', `a@${DIGEST}`])
      expect(good, good).to.match(IMAGE_REFERENCE);
    for (const bad of ['A', 'a//b', '/a', 'a:', 'a@sha256:00', 'a b', 'a:b/', '-a', 'docker://a/b', 'a\n'])
      expect(bad, bad).to.not.match(IMAGE_REFERENCE);
  });
});
