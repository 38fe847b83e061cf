import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { run } from '../../lib/system/process';
import { workFolder } from '../helpers/gulp';
import { commandLines } from '../helpers/processes';
import { tinyHost } from '../helpers/tiny-host';

describe('SSH host keys that are handed in', () => {
  const work = workFolder();
  const host = tinyHost(() => work.path());

  it('are in the image, readable by root only, and in no log, record, manifest or list of processes', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'me', '-f', host.path('key')]);
    const text = readFileSync(host.path('key'), 'utf8');
    const part = (text.split('\n')[2] as string).slice(0, 40);
    host.configure({
      state: { ssh_host_keys: ['$'.concat('{secret:HOST_KEY}')] },
      secrets: { HOST_KEY: './key' },
      // A script sees the configuration, and so may print it.
      scripts: './s',
    });
    host.write('s/10-say', '#!/bin/sh\ncat "$DOCK0_CONFIG"\n', 0o755);
    const seen: string[] = [];
    const watch = setInterval(() => seen.push(...commandLines().filter((line) => line.includes(part))), 20);
    const { code, output } = await host.task(['install', '--verbose', '--explain']);
    clearInterval(watch);
    expect(code, output).to.equal(0);
    expect(output).not.to.contain(part);
    expect(seen).to.deep.equal([]);
    const layer = host.path('build/tiny/current/layers/30-custom.squashfs');
    const listing = (await run('unsquashfs', ['-lls', layer])).stdout;
    expect(listing).to.match(/-rw------- root\/root .*\/etc\/ssh\/ssh_host_ed25519_key(\n|$)/);
    expect(listing).to.match(/-rw-r--r-- root\/root .*\/etc\/ssh\/ssh_host_ed25519_key\.pub(\n|$)/);
    const kept = (await run('unsquashfs', ['-cat', layer, 'etc/ssh/ssh_host_ed25519_key'])).stdout;
    expect(kept).to.equal(text.trimEnd());
    const { stdout } = await run('grep', ['-rlaF', '--', part, host.path()], { okCodes: [0, 1] });
    const inImage = /\/files\/layer\/etc\/ssh\/ssh_host_ed25519_key$|\.squashfs$/;
    expect(stdout.split('\n').filter((file) => file !== '' && !inImage.test(file))).to.deep.equal([
      host.path('key'),
    ]);
  });
});
