import { createRequire } from 'node:module';
import { expect } from 'chai';
import { flagDescriptions, namesIn, parseFlags } from '../../../lib/config/flags';

const parse = (...argv: string[]) => parseFlags(argv, {});

describe('flags of the command line', () => {
  it('have defaults', () => {
    expect(parse('build')).to.deep.equal({
      config: [],
      host: [],
      set: [],
      output: 'build',
      cache: '.cache',
      force: [],
      explain: false,
      dryRun: false,
      verbose: false,
      yes: false,
      sizes: false,
      package: [],
      kconfig: undefined,
      release: undefined,
      memory: undefined,
      onto: undefined,
      erase: undefined,
      via: 'direct',
      ssh: undefined,
    });
  });

  it('have their value after an equals sign or as the next word, and repeat in order', () => {
    const flags = parse(
      'build',
      '--config=a',
      '--config',
      'b',
      '--set=x.y=z=1',
      '--set',
      'p=-1',
      '--ssh',
      '2222',
      '--dry-run',
    );
    expect(flags).to.deep.include({ config: ['a', 'b'], set: ['x.y=z=1', 'p=-1'], ssh: 2222, dryRun: true });
  });

  it('have the folder of the cache from the environment by default', () => {
    expect(parseFlags([], { DOCK0_CACHE: '/c' }).cache).to.equal('/c');
    expect(parseFlags(['--cache', 'd'], { DOCK0_CACHE: '/c' }).cache).to.equal('d');
    expect(parseFlags([], { DOCK0_CACHE: '' }).cache).to.equal('.cache');
  });

  it("skip all of gulp's own", () => {
    const options = createRequire(require.resolve('gulp-cli'))('./lib/shared/options/cli-options') as Record<
      string,
      { alias?: string; type?: string }
    >;
    for (const [name, { alias, type }] of Object.entries(options)) {
      const value = type === 'string' || type === 'number' ? ['1'] : [];
      expect(parse(`--${name}`, ...value, '--verbose').verbose, name).to.equal(true);
      if (alias === undefined) continue;
      expect(
        parse(`${alias.length === 1 ? '-' : '--'}${alias}`, ...value, '--verbose').verbose,
        alias,
      ).to.equal(true);
    }
    expect(parse('-LLL', '--tasks-depth=2', '--no-series', '--gulpfile', '--x')).to.be.an('object');
  });

  it('are refused when unknown, without a value or with an invalid one, all at once', () => {
    const attempt = () =>
      parse(
        '--hots',
        'a',
        '--config',
        '--explain=yes',
        '--ssh',
        '0',
        '--memory',
        '2',
        '--output=',
        '--release',
        'a',
        '--release',
        'b',
      );
    expect(attempt).to.throw(
      [
        '--hots: unknown flag; did you mean --host?',
        '--config: expected FILE after it, found nothing',
        '--explain: takes no value, found "yes"',
        '--output: expected DIR after it, found nothing',
        '--memory: expected a size such as 512M or 2G, found "2"',
        '--release: expected once, found 2 times',
        '--ssh: expected a port from 1 to 65535, found "0"',
      ].join('\n'),
    );
  });

  it('without a value have none behind them that gulp would take for one', () => {
    expect(() => parse('--dry-run', 'kernel')).to.throw(
      '--dry-run: takes no value, but gulp takes "kernel" behind it for one, and not for a task; put --dry-run behind the tasks',
    );
    expect(parse('kernel', '--dry-run', '--yes').dryRun).to.equal(true);
  });

  it('are told from the tasks, as gulp does it', () => {
    const argv = [
      'kernel',
      '-f',
      'gulpfile.ts',
      '--onto',
      'x.img',
      'boot',
      '-S',
      '--set=a=b',
      '--',
      'install',
    ];
    expect(namesIn(argv)).to.deep.equal({
      flags: ['--onto', '--set'],
      tasks: ['kernel', 'boot', 'install'],
    });
  });

  it('takes as memory what a machine can have', () => {
    for (const size of ['1M', '999999999T', '8192T'])
      expect(() => parseFlags(['--memory', size])).to.throw(
        `--memory: expected 128M to 16T for a machine, found ${size}`,
      );
    expect(parseFlags(['--memory', '128M']).memory).to.equal('128M');
  });

  it('are all described', () => {
    for (const [name, { description }] of Object.entries(flagDescriptions)) {
      expect(description, name).to.match(/^[A-Z].*[^.]$/);
    }
  });
});
