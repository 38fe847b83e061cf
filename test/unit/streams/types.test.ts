import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../../lib/system/process';
import { testFolder } from '../../helpers/folder';
import { PROJECT } from '../../helpers/gulp';

const TSC = join(PROJECT, 'node_modules/typescript/bin/tsc');
/** What a project has that depends on the published package, apart from the package. */
const INSTALLED = ['@types/node', '@types/vinyl', 'plugin-error', 'undici-types'];

describe('the types of the streams', () => {
  const folder = testFolder();

  it('are Node transforms for a project that uses the package', async function () {
    this.timeout(60_000);
    const place = folder.path('node_modules/gulp-dock0');
    const build = ['-p', join(PROJECT, 'tsconfig.build.json'), '--emitDeclarationOnly', '--outDir', place];
    await run(process.execPath, [TSC, ...build]);
    writeFileSync(join(place, 'package.json'), '{"name": "gulp-dock0", "types": "tasks/index.d.ts"}');
    for (const name of INSTALLED) {
      const link = folder.path(`node_modules/${name}`);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(PROJECT, 'node_modules', name), link);
    }
    writeFileSync(
      folder.path('user.ts'),
      `import type { Transform } from 'node:stream';
import { checksums, cpio, render, squashfs } from 'gulp-dock0';
export const streams: Transform[] = [render({ a: 1 }), cpio(), squashfs('x', { epoch: 1 }), checksums()];
render({}, { filter: (file) => file.extname.toUpperCase() === '.X' });
// @ts-expect-error a stream is not a string
export const text: string = render({});
// @ts-expect-error an extension is a string
render({}, { filter: (file) => file.extname.nosuch });
// @ts-expect-error there is no such compression
squashfs('x', { compression: 'zip' });
`,
    );
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', 'node'];
    const { code, stdout } = await run(process.execPath, [TSC, ...flags, 'user.ts'], {
      cwd: folder.path(),
      okCodes: [0, 1, 2],
    });
    expect(code, stdout).to.equal(0);
  });
});
