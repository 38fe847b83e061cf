import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { execaSync } from 'execa';

describe('module cache', () => {
  const checkout = join(__dirname, '..', '..', '..');
  let folder: string;
  const kept = () => join(folder, 'node_modules', '.cache', 'gulp-dock0');
  const pack = () => join(kept(), readdirSync(kept())[0] as string);
  const source = (name: string, text: string) => writeFileSync(join(folder, `${name}.ts`), text);
  const run = () =>
    execaSync('node', ['-r', 'sucrase/register/ts', 'main.ts'], { cwd: folder, reject: false });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-modules-'));
    mkdirSync(join(folder, 'lib', 'system'), { recursive: true });
    for (const name of ['module-cache', 'module-code', 'module-loader', 'module-pack', 'atomic-write'])
      cpSync(join(checkout, 'lib', 'system', `${name}.ts`), join(folder, 'lib', 'system', `${name}.ts`));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(checkout, 'node_modules', 'sucrase'), join(folder, 'node_modules', 'sucrase'));
    source(
      'main',
      "import './lib/system/module-cache';\nimport { said } from './said';\nconsole.log(said);\n",
    );
    source('said', "export const said: string = 'one';\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('translates and writes only what is new', () => {
    const tell =
      "const it = require('sucrase'), made = it.transform; it.transform = (code, options) => { console.log(options.filePath); return made(code, options); };";
    writeFileSync(join(folder, 'tell.js'), tell);
    const translated = () =>
      execaSync('node', ['-r', './tell.js', '-r', 'sucrase/register/ts', 'main.ts'], { cwd: folder })
        .stdout.split('\n')
        .map((line) => basename(line));
    expect(translated()).to.deep.equal([
      'main.ts',
      'module-cache.ts',
      'module-code.ts',
      'module-loader.ts',
      'said.ts',
      'one',
      'module-pack.ts',
      'atomic-write.ts',
    ]);
    const { ino } = statSync(pack());
    expect(translated()).to.deep.equal(['main.ts', 'module-cache.ts', 'one']);
    expect(statSync(pack()).ino).to.equal(ino);
  });

  it('translates a changed source anew, and forgets one that is gone', () => {
    source('extra', 'export const unused: number = 1;\n');
    source('said', "import './extra';\nexport const said: string = 'one';\n");
    run();
    expect(readFileSync(pack()).includes('unused')).to.equal(true);
    rmSync(join(folder, 'extra.ts'));
    source('said', "export const said: string = 'two';\n");
    expect(run().stdout).to.equal('two');
    expect(readFileSync(pack()).includes('unused')).to.equal(false);
  });

  for (const [what, content] of [
    ['empty', ''],
    ['cut off', '\u00ff\u0000'],
    ['no JSON', '\u0004\u0000\u0000\u0000{{{{'],
  ] as const)
    it(`starts anew from a file that is ${what}`, () => {
      run();
      writeFileSync(pack(), content, 'latin1');
      expect(run().stdout).to.equal('one');
      expect(readFileSync(pack()).includes("said = 'one'")).to.equal(true);
    });

  it('starts anew from a file whose end is missing', () => {
    run();
    writeFileSync(pack(), readFileSync(pack()).subarray(0, -100));
    expect(run().stdout).to.equal('one');
    expect(run()).to.include({ stdout: 'one', stderr: '' });
  });

  it('keeps characters of any kind, wherever they stand', () => {
    const other = [
      "export const text = '→ 你好 🐳'; // →",
      'export const template = `a→ /* no comment */`;',
      'export const raw = String.raw`\\→`;',
      'export const pattern = /[→\\/*]+/.exec("a→b//c")?.[0];',
      'export /* 你 */ const 好 = 1 /* a\n b */ + 1;',
    ];
    source('other', other.join('\n'));
    for (const change of ['', 'export const more = `→`;']) {
      source(
        'said',
        `import * as other from './other';\n${change}export const said = JSON.stringify({ ...other });\n`,
      );
      const all = { text: '→ 你好 🐳', template: 'a→ /* no comment */', raw: '\\→', pattern: '→', 好: 2 };
      for (const _ of [1, 2]) {
        const { stdout, stderr } = run();
        expect(stderr).to.equal('');
        expect(JSON.parse(stdout)).to.deep.equal(all);
      }
    }
  });

  it('runs where nothing can be kept', () => {
    writeFileSync(join(folder, 'node_modules', '.cache'), 'no folder');
    expect(run()).to.include({ stdout: 'one', stderr: '', exitCode: 0 });
  });

  it('has each module once, whoever asks for it in whatever way', () => {
    mkdirSync(join(folder, 'inner', 'most'), { recursive: true });
    source('main', "import './lib/system/module-cache';\nimport './first';\nimport './said';\n");
    source('counted', "console.log('loaded');\nexport const list: string[] = [];\n");
    source(
      'inner/index',
      "import { list } from '../counted';\nimport './most';\nlist.push('inner');\nexport {};\n",
    );
    source(
      'inner/most/index',
      "import { list } from '../../counted';\nimport '..';\nimport '../';\nlist.push('most');\nexport {};\n",
    );
    source(
      'first',
      "import { list } from './counted';\nimport { late } from './second';\nimport './inner';\nexport const early = () => 'early';\nlist.push(late());\n",
    );
    source(
      'second',
      "import { early } from './first';\nimport { basename } from 'node:path';\nexport const late = (): string => typeof early + basename('/a/b');\n",
    );
    source(
      'said',
      "import { list } from './counted';\nimport { early } from './first';\nvoid import('./counted').then((again) => console.log([...list, early(), again.list === list].join()));\n",
    );
    for (const _ of [1, 2]) {
      const { stdout, stderr } = run();
      expect(stderr).to.equal('');
      expect(stdout).to.equal('loaded\nmost,inner,functionb,early,true');
    }
  });

  it('leaves sources of others to their loader, with packages of their own', () => {
    const other = mkdtempSync(join(tmpdir(), 'dock0-others-'));
    mkdirSync(join(other, 'node_modules', 'own'), { recursive: true });
    writeFileSync(join(other, 'node_modules', 'own', 'index.js'), "module.exports = 'own package';\n");
    writeFileSync(join(other, 'their.ts'), "import own from 'own';\nexport const said: string = own;\n");
    source('said', `export { said } from '${other}/their';\n`);
    try {
      for (const _ of [1, 2]) expect(run()).to.include({ stdout: 'own package', stderr: '' });
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('tries a module again that failed', () => {
    source(
      'main',
      "import './lib/system/module-cache';\nfor (const _ of [1, 2]) try { require('./said'); } catch (error) { console.log(String(error)); }\n",
    );
    source('said', "import './broken';\nexport const said = 'one';\n");
    source('broken', "throw new Error('here');\nexport {};\n");
    for (const _ of [1, 2]) expect(run().stdout).to.equal('Error: here\nError: here');
  });

  it('names the line of the source in an error', () => {
    source(
      'said',
      "interface Unused {\n  a: string;\n}\nthrow new Error('here');\nexport const said = '';\n",
    );
    for (const _ of [1, 2]) expect(run().stderr).to.match(/said\.ts:4\b/);
  });
});
