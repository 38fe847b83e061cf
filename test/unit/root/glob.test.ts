import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { globInRoot } from '../../../lib/root/glob';
import { testFolder } from '../../helpers/folder';

const NAMES = [
  ...['a', 'b', 'c', 'ab', 'abc', 'a.log', 'b.log', '.a', '.a.log', '..a', 'A', '1', 'a1', 'a b'],
  ...['[', '[a', '[abc', 'a]', ']', '-', '!', '!a', '^', '[]', 'a-c', 'a*', 'a?b', 'a:'],
  ...['(a)', 'a|b', '{a,b}', 'a+', 'aa', '$', '$a', '"a"', "'a'", '@(a)', '~', '#', 'a\nb'],
];

const PATTERNS = [
  ...['*', '?', '??', '*.log', 'a*', '*a*', '**', 'a**b', '.*', '.?', '.a*', '..*', '*.*', '?*'],
  ...['[abc]', '[!abc]', '[a-c]', '[!a-c]', '[c-a]', '[a-]', '[-a]', '[]a]', '[!]a]', '[a]b]', '[[a]'],
  ...['[abc', '[', '[]', '[!', '[a*', '*[a', '[a?b', 'a[', 'a]', '[.]a', '[!x]a', '[*]', '[a][*]', 'a[?]b'],
  ...['[[:alpha:]]', '[[:digit:]]', 'a[[:digit:]]', '[![:alpha:]]', '[:alpha:]'],
  ...['(a)', '(*)', 'a|b', '{a,b}', '{*', 'a+', '[a]+', '+(a)', '@(a)', '!(a)', '!*', '!a', '$*', '$', '"*'],
  ...["'a'", '~', '#', 'a b', 'nothing', 'no*such', '[abc]*', '[!.]*'],
];

/** What sh makes of a pattern in a folder; it leaves one that matches nothing as it is. */
function shell(folder: string, pattern: string): string[] {
  const script = 'IFS=; for path in $0; do [ -e "$path" ] && printf "%s\\0" "$path"; done; true';
  return execFileSync('sh', ['-c', script, pattern], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
    .split('\0')
    .filter((path) => path !== '' && !/(^|\/)\.\.?$/.test(path))
    .map((path) => `/${path}`)
    .sort();
}

describe('a pattern of paths in the image', () => {
  const folder = testFolder();

  it('matches the names that sh matches', () => {
    for (const name of NAMES) writeFileSync(folder.path(name), '');
    for (const pattern of PATTERNS) {
      expect(globInRoot(folder.path(), `/${pattern}`), pattern).to.deep.equal(shell(folder.path(), pattern));
    }
  });

  it('matches through folders as in sh, past files and links that lead nowhere', () => {
    for (const name of ['usr/lib', 'usr/share/doc', 'etc/x.d'])
      mkdirSync(folder.path(name), { recursive: true });
    for (const name of ['usr/lib/doc', 'usr/file', 'etc/x.d/b.conf', 'etc/x.d/a.conf', 'etc/[abc'])
      writeFileSync(folder.path(name), '');
    symlinkSync('usr/lib', folder.path('lib'));
    symlinkSync('nowhere', folder.path('usr/dangling'));
    for (const pattern of [
      'usr/*/doc',
      '*/doc',
      '*/*/*',
      'etc/*.d/*.conf',
      'lib/*',
      'etc/[abc',
      'etc/[a/b]',
      'no/*',
    ])
      expect(globInRoot(folder.path(), `/${pattern}`), pattern).to.deep.equal(shell(folder.path(), pattern));
  });

  it('follows links in its parents with the image as root', () => {
    mkdirSync(folder.path('usr/lib'), { recursive: true });
    for (const name of ['a.log', 'b.log', '.hidden.log', 'c.txt'])
      writeFileSync(folder.path(`usr/lib/${name}`), '');
    symlinkSync('/usr/lib', folder.path('lib'));
    symlinkSync('/proc/self', folder.path('outside'));
    symlinkSync('../../..', folder.path('usr/up'));
    expect(globInRoot(folder.path(), '/lib/*.log')).to.deep.equal(['/lib/a.log', '/lib/b.log']);
    expect(globInRoot(folder.path(), '/lib/[!a].log')).to.deep.equal(['/lib/b.log']);
    // Above the root is the root.
    expect(globInRoot(folder.path(), '/usr/up/u*')).to.deep.equal(['/usr/up/usr']);
    for (const pattern of ['/outside/*', '/nothing/*'])
      expect(globInRoot(folder.path(), pattern), pattern).to.deep.equal([]);
  });

  it('has literal backslashes', () => {
    writeFileSync(folder.path('dev-a\\x2db.mount'), '');
    expect(globInRoot(folder.path(), '/dev-a\\x2d*')).to.deep.equal(['/dev-a\\x2db.mount']);
  });
});
