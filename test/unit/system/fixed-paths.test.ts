import { chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { atFixedPaths, type FixedFolders, fixedPath, withRealPaths } from '../../../lib/system/fixed-paths';
import { run } from '../../../lib/system/process';
import { testFolder } from '../../helpers/folder';
import { PROJECT } from '../../helpers/gulp';

const NOBODY = 65534;

describe('folders at fixed paths', () => {
  const at = testFolder();
  let folders: { source: string; objects: string };

  beforeEach(() => {
    folders = { source: at.path("it's a: b, é $x"), objects: at.path('objects') };
    for (const folder of Object.values(folders)) mkdirSync(folder);
    writeFileSync(`${folders.source}/text`, 'hello');
  });

  const COPY = ['cp', fixedPath('source'), fixedPath('objects')].map((word, index) =>
    index === 0 ? word : `${word}/text`,
  );
  const start = ([command = '', ...args]: readonly string[]) => run(command, args);
  const copied = (): string => readFileSync(`${folders.objects}/text`, 'utf8');

  it('are the folders themselves, whatever their names', async () => {
    await start(atFixedPaths(folders, COPY));
    expect(copied()).to.equal('hello');
  });

  it('keep what is mounted in them, and stay under their own paths', async () => {
    const { stdout } = await start(
      atFixedPaths({ system: '/' }, ['ls', '-d', fixedPath('system/proc/self/fd'), folders.source]),
    );
    expect(stdout.split('\n')).to.deep.equal([fixedPath('system/proc/self/fd'), folders.source]);
  });

  it('may be given as links', async () => {
    symlinkSync(folders.source, at.path('link'));
    await start(atFixedPaths({ ...folders, source: at.path('link') }, COPY));
    expect(copied()).to.equal('hello');
  });

  it('are there for a user without privileges', async function () {
    const own = process.getuid;
    // The other tests tell it of the user who runs them.
    if (own?.() !== 0) return this.skip();
    for (const folder of [at.path(), ...Object.values(folders)]) chownSync(folder, NOBODY, NOBODY);
    process.getuid = () => NOBODY;
    const words = atFixedPaths(folders, COPY);
    process.getuid = own;
    await start(['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--', ...words]);
    expect(copied()).to.equal('hello');
  });

  it('may lie in the place of the fixed paths, also behind a link', async () => {
    const program = `
      require('sucrase/register/ts');
      const { mkdirSync, symlinkSync, readFileSync, writeFileSync } = require('node:fs');
      const { atFixedPaths } = require('./lib/system/fixed-paths');
      mkdirSync('/boot/a b'); writeFileSync('/boot/a b/text', 'hello'); mkdirSync('/boot/objects');
      symlinkSync('/boot/a b', ${JSON.stringify(at.path('link'))});
      const folders = { source: ${JSON.stringify(at.path('link'))}, objects: '/boot/objects' };
      const [command, ...words] = atFixedPaths(folders, ${JSON.stringify(COPY)});
      require('node:child_process').execFileSync(command, words, { stdio: 'inherit' });
      console.log(readFileSync('/boot/objects/text', 'utf8'));`;
    const room = ['unshare', '--mount', '--user', '--map-root-user', '--', 'sh', '-c'];
    const words = ['mount -t tmpfs tmpfs /boot && exec "$@"', 'sh', process.execPath, '-e', program];
    const [command = '', ...args] = [...room, ...words];
    expect((await run(command, args, { cwd: PROJECT })).stdout).to.equal('hello');
  });

  it('are seen by the command alone, and end with it', async () => {
    await start(atFixedPaths(folders, ['sh', '-c', 'sleep 300 & exit']));
    expect(existsSync(fixedPath('source'))).to.equal(false);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.to.contain(fixedPath('source'));
  });

  it('that can not be had fail the command', async () => {
    const words = atFixedPaths(folders, ['true']);
    const gone = words.map((word) => (word === folders.objects ? at.path('none') : word));
    const failed = await start(gone).catch((error) => error);
    expect(failed).to.be.an('error');
    expect(failed.message).to.contain(at.path('none'));
  });
});

describe('a line about files at fixed paths', () => {
  const folders: FixedFolders = { source: '/home/my kernel', objects: '/cache/a $& b/objects' };
  const reword = withRealPaths(folders);
  const [source, objects] = [fixedPath('source'), fixedPath('objects')];

  it('tells the real ones', () => {
    expect(reword(`${source}/mm/a.c:12:3: error: no`)).to.equal('/home/my kernel/mm/a.c:12:3: error: no');
    expect(reword(`make[1]: Entering directory '${objects}'`)).to.equal(
      "make[1]: Entering directory '/cache/a $& b/objects'",
    );
    expect(reword(`gcc -I${source}/include -o ${objects}/x.o, ${source}.`)).to.equal(
      'gcc -I/home/my kernel/include -o /cache/a $& b/objects/x.o, /home/my kernel.',
    );
  });

  it('keeps other paths', () => {
    for (const line of [`/mnt${source}/x`, `${source}s/x`, `${source}-2/x`, '/boot/vmlinuz', 'é/boot/source'])
      expect(reword(line)).to.equal(line);
  });
});
