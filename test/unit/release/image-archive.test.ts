import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { imagesIn, namesInLayout, sourceAt } from '../../../lib/release/images/archive';
import { indexTar, readInTar } from '../../../lib/system/tar-index';
import { writeImage } from '../../helpers/container-image';
import { testFolder } from '../../helpers/folder';

describe('files of images', () => {
  const folder = testFolder();

  it('are archives with the ids and names of their images', () => {
    const id = writeImage(folder.path('web.tar'), ['web:1', 'web:latest']);
    expect(sourceAt(folder.path('web.tar'))).to.equal('archive');
    expect(imagesIn(folder.path('web.tar'))).to.deep.equal([{ id, names: ['web:1', 'web:latest'] }]);
  });

  it('are damaged where they end too early, or where a name is none', () => {
    writeImage(folder.path('web.tar'), ['WEB:1']);
    expect(sourceAt(folder.path('web.tar'))).to.deep.equal({
      problem: 'it has an image of the name "WEB:1"',
    });
    writeImage(folder.path('web.tar'), ['web:1']);
    truncateSync(folder.path('web.tar'), 5000);
    expect(sourceAt(folder.path('web.tar')))
      .to.have.property('problem')
      .that.contains('cut off');
  });

  it('are folders whose images have the name of the folder, or one in full', () => {
    const named = (annotations: object | undefined) => {
      mkdirSync(folder.path('some'), { recursive: true });
      writeFileSync(folder.path('some/oci-layout'), '{}');
      writeFileSync(folder.path('some/index.json'), JSON.stringify({ manifests: [{ annotations }] }));
      expect(sourceAt(folder.path('some'))).to.equal('layout');
      return namesInLayout(folder.path('some'))[0];
    };
    const name = 'org.opencontainers.image.ref.name';
    expect(named(undefined)).to.deep.equal({ name: 'some:latest', reference: undefined });
    expect(named({ [name]: '2' })).to.deep.equal({ name: 'some:2', reference: '2' });
    expect(named({ [name]: 'a/web:2' })).to.deep.equal({ name: 'a/web:2', reference: 'a/web:2' });
    expect(named({ [name]: '2', 'io.containerd.image.name': 'x.y/web:2' })?.name).to.equal('x.y/web:2');
    writeFileSync(folder.path('some/index.json'), '{');
    expect(sourceAt(folder.path('some'))).to.deep.equal({ problem: 'it is damaged' });
  });

  it('are listed whatever tar wrote them', () => {
    const long = `${'d'.repeat(60)}/${'f'.repeat(60)}`;
    mkdirSync(folder.path(`t/${'d'.repeat(60)}`), { recursive: true });
    writeFileSync(folder.path(`t/${long}`), 'long');
    writeFileSync(folder.path('t/short'), 'x'.repeat(1000));
    for (const format of ['ustar', 'gnu', 'pax']) {
      execFileSync('tar', [`--format=${format}`, '-cf', folder.path('x.tar'), '-C', folder.path('t'), '.']);
      const index = indexTar(folder.path('x.tar'));
      expect(index && readInTar(folder.path('x.tar'), index, 'short')?.length, format).to.equal(1000);
      expect(index?.size, format).to.equal(2);
    }
    writeFileSync(folder.path('x.tar'), 'x'.repeat(2048));
    expect(indexTar(folder.path('x.tar'))).to.equal(undefined);
  });
});
