import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { gulp, PROJECT, workFolder } from '../helpers/gulp';
import { reportOf } from '../helpers/verified';

/** Releases after the host's, each from the host's mirror with nothing else stated. */
describe('gulp verify, of a release of Debian that is still to come,', () => {
  const work = workFolder();
  const verify = (name: string, ...args: string[]): ReturnType<typeof gulp> =>
    gulp(['verify', '--config', `${PROJECT}/configs/default.yaml`, '--set', `name=${name}`, ...args], {
      cwd: work.path(),
    });

  for (const release of ['forky', 'sid']) {
    it(`passes on ${release}`, async () => {
      const { code, output } = await verify(release, '--set', `release=${release}`);
      expect(code, output).to.equal(0);
      const [first] = reportOf(work.path(`build/${release}`)).boots;
      console.log(`      ${JSON.stringify(first?.versions)}`);
      expect(first?.versions).to.include.all.keys('kernel', 'systemd', 'docker', 'containerd', 'runc');
    });
  }
});

describe("a kernel from trixie's linux-source, with the fragments of own-kernel.yaml", () => {
  const work = workFolder();

  it('is compiled, and runs containers of trixie', async () => {
    const own = ['default', 'own-kernel'].flatMap((name) => ['--config', `${PROJECT}/configs/${name}.yaml`]);
    const release = ['--set', 'name=own', '--set', 'release=trixie', '--set', 'verify.timeout=1200'];
    const { code, output } = await gulp(['verify', ...own, ...release], { cwd: work.path() });
    expect(code, output).to.equal(0);
    const { boots } = reportOf(work.path('build/own'));
    console.log(`      ${JSON.stringify(boots[0]?.versions)}`);
    expect(boots[0]?.versions.kernel).to.match(/^6\.12\.\d+-dock0$/);
  });
});

describe('configs/slim.yaml', () => {
  const work = workFolder();

  it('is a host that runs containers, in 100 MiB', async () => {
    const { code, output } = await gulp(['verify', '--config', `${PROJECT}/configs/slim.yaml`], {
      cwd: work.path(),
    });
    expect(code, output).to.equal(0);
    const { artifacts } = JSON.parse(readFileSync(work.path('build/slim/current/manifest.json'), 'utf8')) as {
      artifacts: { path: string; bytes: number }[];
    };
    const loaded = artifacts.filter(({ path }) => /^(vmlinuz|initramfs\.img|layers\/)/.test(path));
    const sum = loaded.reduce((total, { bytes }) => total + bytes, 0);
    console.log(`      ${(sum / 2 ** 20).toFixed(1)} MiB`);
    expect(sum).to.be.at.most(100 * 2 ** 20);
  });
});
