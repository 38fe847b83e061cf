import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { workFolder } from '../helpers/gulp';
import { commandLines } from '../helpers/processes';
import { tinyHost } from '../helpers/tiny-host';

describe('a build hook', function () {
  this.timeout(60_000);
  const work = workFolder();
  const host = tinyHost(() => work.path());
  const hook = (text: string): void => {
    host.write('hook', `#!/bin/sh\n${text}\n`, 0o755);
    host.configure({ hooks: { 'post-customize': ['./hook'] } });
  };

  it('opens its output by name', async () => {
    hook('echo "told by $DOCK0_STEP" > /dev/stderr; echo "and here" | tee /dev/stderr > /dev/null');
    const { code, output } = await host.task(['customize', '--verbose']);
    expect(code, output).to.equal(0);
    expect(output).to.contain('told by customize').and.to.contain('and here');
  });

  it('ends with all that it started and mounted', async () => {
    const folder = work.path('mounted');
    hook(`sleep 1234.5 & mkdir '${folder}'; mount -t tmpfs none '${folder}'; : > '${folder}/file'`);
    const { code, output } = await host.task(['customize']);
    expect(code, output).to.equal(0);
    expect(commandLines().filter((line) => line.includes('sleep 1234.5'))).to.deep.equal([]);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('that fails is named with its exit code and its output, and so is one that a signal ends', async () => {
    hook('echo no luck; exit 7');
    expect((await host.task(['customize'])).output).to.match(
      /customize: hook hook failed with exit code 7\n +no luck\n/,
    );
    hook('kill -ABRT $$');
    expect((await host.task(['customize'])).output).to.match(
      /customize: hook hook failed with exit code 134\n/,
    );
  });
});
