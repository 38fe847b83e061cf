import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { stepsThatRan, workFolder } from '../helpers/gulp';
import { tinyHost } from '../helpers/tiny-host';

describe('the cache', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path('plain'));
  const build = async (...args: string[]): Promise<string[]> => {
    const { code, output } = await host.task(['install', ...args]);
    expect(code, output).to.equal(0);
    return stepsThatRan(output);
  };
  const { content } = host;

  const mode = async (path: string): Promise<string | undefined> => {
    const layer = host.path('build/tiny/current/layers/30-custom.squashfs');
    const { stdout } = await run('unsquashfs', ['-lls', '-d', '', layer]);
    return stdout
      .split('\n')
      .find((line) => line.endsWith(` /${path}`))
      ?.split(' ')[0];
  };

  beforeEach(() => {
    rmSync(work.path('plain'), { recursive: true, force: true });
    mkdirSync(work.path('plain'), { recursive: true });
  });

  it('sees another order of overlays, and an overlay that becomes a folder of templates', async () => {
    for (const name of ['a', 'b']) host.write(`${name}/etc/x`, `<%= name %> ${name}\n`);
    host.configure({ overlay: ['./a', './b'] });
    await build();
    expect(await content('etc/x')).to.equal('<%= name %> b');
    host.configure({ overlay: ['./b', './a'] });
    expect(await build()).to.include('customize');
    expect(await content('etc/x')).to.equal('<%= name %> a');
    host.configure({ overlay: ['./b'], templates: ['./a'] });
    await build();
    expect(await content('etc/x')).to.equal('tiny a');
  });

  it('sees another order of permissions, of which the last one holds', async () => {
    host.write('a/etc/x', 'x\n');
    symlinkSync('x', host.path('a/etc/also'));
    const modes = { '/etc/x': { mode: '0600' }, '/etc/also': { mode: '0640' } };
    host.configure({ overlay: ['./a'], permissions: modes });
    await build();
    expect(await mode('etc/x')).to.equal('-rw-r-----');
    host.configure({
      overlay: ['./a'],
      permissions: { '/etc/also': modes['/etc/also'], '/etc/x': modes['/etc/x'] },
    });
    expect(await build()).to.include('customize');
    expect(await mode('etc/x')).to.equal('-rw-------');
  });

  it('is of templates with dates in UTC, wherever they are rendered', async () => {
    host.write('dated/etc/when', '<%= new Date(1767225600000).toString() %>\n');
    host.configure({ templates: ['./dated'] });
    expect((await host.task(['install'], { env: { TZ: 'Asia/Tokyo' } })).code).to.equal(0);
    expect(await content('etc/when')).to.match(/^Thu Jan 01 2026 00:00:00 GMT\+0000/);
  });

  it('sees an edit of what is in a folder that a script reaches by a link', async () => {
    host.write('elsewhere/value', 'one\n');
    host.write('linked/1', '#!/bin/sh\ncat "$(dirname "$0")/sub/data/value" > "$DOCK0_ROOT/etc/v"\n', 0o755);
    mkdirSync(host.path('linked/sub'));
    symlinkSync('../../elsewhere', host.path('linked/sub/data'));
    symlinkSync('../elsewhere', host.path('linked/too'));
    host.configure({ scripts: ['./linked'] });
    await build();
    expect(await content('etc/v')).to.equal('one');
    host.write('elsewhere/value', 'two\n');
    await build();
    expect(await content('etc/v')).to.equal('two');
  });

  it('sees a change of any key that a template, a script or a command on the host may read', async () => {
    host.write('t/etc/cmdline.ejs', '<%= kernel.cmdline.join(" ") %>\n');
    host.write('s/10-read', '#!/bin/sh\ncp "$DOCK0_CONFIG" "$DOCK0_ROOT/etc/config.json"\n', 0o755);
    host.configure({ templates: './t', scripts: './s' });
    await build();
    expect(await content('etc/cmdline')).to.equal('quiet');
    expect(await build('--set', 'kernel.cmdline=[quiet,foo=1]')).to.include('customize');
    expect(await content('etc/cmdline')).to.equal('quiet foo=1');
    await build('--set', 'initramfs.timeout=31');
    expect(JSON.parse(await content('etc/config.json')).initramfs.timeout).to.equal(31);
  });

  it('sees another order of the keys of a map, which a template may go through', async () => {
    host.write('t/etc/keys.ejs', '<%= Object.keys(vars) %>\n');
    host.configure({ templates: './t', vars: { one: 1, two: 2 } });
    await build();
    expect(await content('etc/keys')).to.equal('one,two');
    host.configure({ templates: './t', vars: { two: 2, one: 1 } });
    expect(await build()).to.include('customize');
    expect(await content('etc/keys')).to.equal('two,one');
  });

  it('sees an edit of what a template includes, and refuses to include what it would not see', async () => {
    host.write('t/etc/motd.ejs', '<%- include("../.include/part") %>\n');
    host.configure({ templates: './t' });
    for (const text of ['one', 'two']) {
      host.write('t/.include/part.ejs', text);
      await build();
      expect(await content('etc/motd')).to.equal(text);
      expect(await content('.include/part')).to.equal('');
    }
    host.write('part.ejs', 'outside');
    host.write('t/etc/motd.ejs', '<%- include("../../part") %>\n');
    const { code, output } = await host.task(['install']);
    expect(code, output).to.equal(1);
    expect(output)
      .to.contain('t/etc/motd.ejs:1: include("../../part") leads outside of the folder of templates, t')
      .and.contain('Put the file into t/.include, ');
    expect(output).to.not.match(/^\s+at .*:\d+:\d+\)?$/m);
  });

  it('sees a value of the environment that the configuration takes, and keeps it out of records', async () => {
    host.write('t/etc/token.ejs', '<%= vars.token %>\n');
    host.configure({ templates: './t', vars: { token: '$'.concat('{env:TOKEN}') } });
    for (const token of ['first-token', 'other-token']) {
      const { code, output } = await host.task(['install'], { env: { TOKEN: token } });
      expect(code, output).to.equal(0);
      expect(await content('etc/token')).to.equal(token);
      const { stdout } = await run('grep', ['-rlaF', '--', token, host.path()], { okCodes: [0, 1] });
      // In the image, where the user puts it, and nowhere else.
      expect(
        stdout.split('\n').filter((file) => !/\/files\/layer\/etc\/token$|\.squashfs$/.test(file)),
      ).to.deep.equal(stdout === '' ? [''] : []);
    }
  });

  it('sees another order of build hooks, and what they read of the configuration', async () => {
    for (const name of ['one', 'two'])
      host.write(name, `#!/bin/sh\necho ${name} >> "$DOCK0_OUT/layer/etc/order"\n`, 0o755);
    host.write('three', '#!/bin/sh\ncp "$DOCK0_CONFIG" "$DOCK0_OUT/layer/etc/seen"\n', 0o755);
    host.configure({ hooks: { 'post-customize': ['./one', './two', './three'] } });
    await build();
    expect(await content('etc/order')).to.equal('one\ntwo');
    host.configure({ hooks: { 'post-customize': ['./two', './one', './three'] } });
    await build();
    expect(await content('etc/order')).to.equal('two\none');
    await build('--set', 'kernel.cmdline=[loud]');
    expect(JSON.parse(await content('etc/seen')).kernel.cmdline).to.deep.equal(['loud']);
  });

  it('sees an edit of what a script that is a link leads to', async () => {
    const script = (word: string): string => `#!/bin/sh\necho ${word} > "$DOCK0_ROOT/etc/word"\n`;
    host.write('lib/word', script('one'), 0o755);
    mkdirSync(host.path('s'));
    symlinkSync('../lib/word', host.path('s/10-word'));
    host.configure({ scripts: './s' });
    await build();
    expect(await content('etc/word')).to.equal('one');
    writeFileSync(host.path('lib/word'), script('two'));
    await build();
    expect(await content('etc/word')).to.equal('two');
  });

  it('sees an edit of modules that a link leads to, of the version of the kernel alone, and of no build tree', async () => {
    host.write('real/6.1.0/kernel/x.ko', 'one\n');
    host.write('tree/Makefile', 'one\n');
    mkdirSync(host.path('modules'));
    symlinkSync('../real/6.1.0', host.path('modules/6.1.0'));
    symlinkSync('../../tree', host.path('real/6.1.0/build'));
    host.write('elsewhere.ko', 'one\n');
    symlinkSync(host.path('elsewhere.ko'), host.path('real/6.1.0/kernel/y.ko'));
    host.configure({ kernel: { provider: 'file', file: './vmlinuz', modules: './modules' } });
    await build();
    host.write('real/6.1.0/kernel/x.ko', 'two\n');
    expect(await build()).to.include('kernel');
    const layers = host.path('build/tiny/current/layers');
    const modules = readdirSync(layers).find((name) => name.includes('modules')) ?? '';
    const { stdout } = await run('unsquashfs', [
      '-cat',
      `${layers}/${modules}`,
      'usr/lib/modules/6.1.0/kernel/x.ko',
    ]);
    expect(stdout).to.equal('two');
    // depmod reads it.
    writeFileSync(host.path('elsewhere.ko'), 'two\n');
    expect(await build()).to.include('kernel');
    host.write('tree/Makefile', 'two\n');
    chmodSync(host.path('vmlinuz'), 0o600);
    expect(await build()).to.deep.equal([]);
  });

  it('sees nothing of what never goes into an image, a socket in it notwithstanding', async () => {
    host.write('a/etc/motd', 'one\n');
    host.write('t/etc/issue', '<%- include("../.include/part.ejs~") %>\n');
    host.write('t/.include/part.ejs~', 'one');
    for (const folder of ['a', 't']) host.write(`${folder}/.git/index`, 'one\n');
    host.configure({ overlay: ['./a'], templates: ['./t'] });
    await build();
    expect(await content('etc/issue')).to.equal('one');
    host.write('a/etc/motd~', 'before\n');
    host.write('a/.git/index', 'two\n');
    for (const folder of ['a', 't']) {
      const code = `require('net').createServer().listen('${folder}/.git/s', () => process.kill(process.pid, 9))`;
      await run(process.execPath, ['-e', code], { cwd: host.path(), okCodes: [0, 137] }).catch(
        () => undefined,
      );
      expect(existsSync(host.path(`${folder}/.git/s`))).to.equal(true);
    }
    expect(await build()).to.deep.equal([]);
    host.write('t/.include/part.ejs~', 'two');
    expect(await build()).to.include('customize');
    expect(await content('etc/issue')).to.equal('two');
  });

  it("sees all that a user's hook adds to the initramfs, for the kernel that it is made for", async () => {
    host.write('modules/6.1.0/kernel/x.ko', 'x\n');
    host.write(
      'hooks/mine.install',
      'add_full_dir tree\nadd_module $(cat list)\nadd_dir "/for-$KERNELVERSION"\n',
    );
    host.write('hooks/list', 'loop?');
    mkdirSync(host.path('hooks/tree/empty'), { recursive: true });
    symlinkSync('one', host.path('hooks/tree/link'));
    host.configure({
      kernel: { provider: 'file', file: './vmlinuz', modules: './modules' },
      initramfs: { hooks: ['base', 'mine', 'dock0'], hooks_dir: './hooks' },
    });
    const preview = async (): Promise<string> => (await host.task(['install', '--dry-run'])).output;
    expect(await preview()).to.match(/initramfs .*would run/);
    await build();
    expect(await preview()).to.match(/initramfs .*cached/);
    expect(await build()).to.deep.equal([]);
    rmSync(host.path('hooks/tree/link'));
    symlinkSync('two', host.path('hooks/tree/link'));
    expect(await build()).to.include('initramfs');
    rmSync(host.path('hooks/tree/empty'), { recursive: true });
    expect(await build()).to.include('initramfs');
    host.write('hooks/list', 'overlay?');
    expect(await build()).to.include('initramfs');
  });
});
