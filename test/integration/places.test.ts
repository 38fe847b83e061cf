import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { stepsThatRan, workFolder } from '../helpers/gulp';
import { tinyHost } from '../helpers/tiny-host';

/** Everything for the owner and for group 1000, nothing for others (acl(5)). */
const DEFAULT_LIST =
  '0x0200000001000700ffffffff04000500ffffffff08000700e803000010000700ffffffff20000000ffffffff';

describe('a build, whoever runs it and wherever,', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path('plain'));
  const build = async (...args: string[]): Promise<string[]> => {
    const { code, output } = await host.task(['install', ...args]);
    expect(code, output).to.equal(0);
    return stepsThatRan(output);
  };
  const { content } = host;

  beforeEach(() => {
    rmSync(work.path('plain'), { recursive: true, force: true });
    mkdirSync(work.path('plain'), { recursive: true });
  });

  it('gives scripts, hooks and commands nothing of the environment that builds', async () => {
    host.write(
      's/10-env',
      '#!/bin/sh\nenv | sort > "$DOCK0_ROOT/etc/env"\numask >> "$DOCK0_ROOT/etc/env"\n',
      0o755,
    );
    host.configure({ scripts: './s' });
    const { code, output } = await host.task(['install'], {
      env: { FOO: 'of-the-user', TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', HOME: '/somewhere' },
    });
    expect(code, output).to.equal(0);
    const seen = await content('etc/env');
    expect(seen).to.not.match(/of-the-user|Kathmandu|tr_TR|somewhere/);
    expect(seen)
      .to.match(/^LC_ALL=C\.UTF-8$/m)
      .and.match(/^TZ=UTC$/m)
      .and.match(/^0022$/m);
  });

  it('is of one release, whatever the umask, locale, time zone, home and place of the build', async () => {
    const keys = {
      overlay: './o',
      templates: './t',
      scripts: './s',
      commands: {
        host: [
          'mkdir "$DOCK0_ROOT/made" && date > "$DOCK0_ROOT/made/date.zone" && date +%Z > "$DOCK0_ROOT/made/zone"',
        ],
      },
      cleanup: { paths: ['/made/date.zone'] },
    };
    const lay = (project: typeof host): void => {
      project.write('o/etc/plain', 'x\n');
      project.write('s/10-word', '#!/bin/sh\necho ran > "$DOCK0_ROOT/made-by-script"\n', 0o755);
      project.write('t/etc/upper.ejs', '<%= "title".toUpperCase() %>\n');
      project.configure(keys);
    };
    lay(host);
    await build();
    const other = tinyHost(() => work.path("ein blank, a:colon ü 😀' a=b"));
    lay(other);
    // What is made below has its own modes, whatever the folder hands down.
    chmodSync(other.path('.'), 0o2755);
    await run('setfattr', ['-n', 'system.posix_acl_default', '-v', DEFAULT_LIST, other.path('.')]);
    const { code, output } = await other.task(['install'], {
      env: { LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Kathmandu', HOME: '' },
      through: ['sh', '-c', 'umask 077; exec "$@"', 'sh'],
    });
    expect(code, output).to.equal(0);
    const sums = (project: typeof host): string =>
      readFileSync(project.path('build/tiny/current/SHA256SUMS'), 'utf8');
    expect(sums(other)).to.equal(sums(host));
    expect(other.id()).to.equal(host.id());
  });

  it('is refused in a folder whose name has a quote', async () => {
    const quoted = tinyHost(() => work.path('a "name"'));
    quoted.configure({});
    const { code, output } = await quoted.task(['install']);
    expect(code, output).to.equal(1);
    expect(output).to.contain('the path of the cache has a quote in it').and.to.contain('--cache FOLDER');
  });

  it('gives a script and a command on the host folders of their own to work in', async () => {
    host.write(
      'scripts/10-first',
      '#!/bin/sh\n. ./lib/words\necho "$WORD" > "$DOCK0_ROOT/etc/word"\n',
      0o755,
    );
    host.write('scripts/lib/words', 'WORD=found\n');
    host.configure({ scripts: ['./scripts'], commands: { host: ['echo x > beside'] } });
    await build();
    expect(await content('etc/word')).to.equal('found');
    expect(existsSync('/beside')).to.equal(false);
  });

  it('is of one project, whichever link above its folder leads there', async () => {
    symlinkSync('plain', work.path('link'));
    host.write('a/etc/x', 'x\n');
    host.write('t/etc/seen', '<%= config.overlay %> <%= kernel.file %>\n');
    const keys = { templates: ['./t'], kernel: { provider: 'file', file: work.path('link/vmlinuz') } };
    host.configure({ ...keys, overlay: [host.path('a')] });
    await build();
    expect(await content('etc/seen')).to.equal('a vmlinuz');
    host.configure({ ...keys, overlay: ['./a'] });
    expect(await build('--config', work.path('link/dock0.yaml'))).to.deep.equal([]);
  });

  it('may be one of two whose builds have one output: they take turns', async () => {
    host.configure({});
    symlinkSync('plain', work.path('turns'));
    const other = tinyHost(() => work.path('plain'), 'another');
    const args = (folder: string): string[] => [
      'install',
      ...['--output', join(folder, 'build'), '--force', 'install'],
    ];
    for (let round = 0; round < 3; round++) {
      const builds = await Promise.all([
        host.task(args(host.path())),
        host.task(args(work.path('turns'))),
        other.task(args(host.path())),
      ]);
      for (const { code, output } of builds) expect(code, output).to.equal(0);
      expect(readdirSync(host.path('build/tiny')).sort()).to.deep.equal(['current', 'logs', 'releases']);
    }
  });

  it('says to a script without a network how it gets one, and gives it', async () => {
    host.configure({ commands: { host: [['curl', '--silent', '--show-error', 'http://example.invalid/']] } });
    const { code, output } = await host.task(['install']);
    expect(code, output).to.equal(1);
    expect(output).to.contain('`commands: {network: true}` gives them one');
    host.configure({
      commands: { network: true, host: ['cat /proc/net/dev > "$DOCK0_ROOT/etc/devices"'] },
    });
    await build();
    const ours = readFileSync('/proc/net/dev', 'utf8').match(/^ *\w+:/gm)?.length;
    expect((await content('etc/devices')).match(/^ *\w+:/gm)).to.have.length(ours ?? 0);
  });
});
