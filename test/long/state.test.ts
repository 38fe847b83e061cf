import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { VmDisk } from '../../lib/vm/qemu';
import { bootTiny, emptyDisk, type Made, makeInitramfs, tinyDisk } from '../helpers/initramfs-machine';
import { randomFrom } from '../helpers/property/mutations';

/** Says who the machine is, and makes a key as the unit of the image does. */
const INIT = `#!/bin/busybox sh
export PATH=/bin
for applet in cat cp mv mkdir sync rm sh grep; do busybox ln -sf busybox /bin/$applet; done
echo "fact: id $(cat /etc/machine-id)"
if [ -f /etc/ssh/ssh_host_ed25519_key ]; then echo "fact: key $(cat /etc/ssh/ssh_host_ed25519_key)"; fi
sh /usr/lib/dock0/ssh-host-keys
echo "fact: done $(cat /etc/ssh/ssh_host_ed25519_key)"
busybox poweroff -f
`;

/** What the unit calls, with the file of the key as its last word. */
const KEYGEN = `#!/bin/busybox sh
for key; do :; done
line=$(busybox tr -d - </proc/sys/kernel/random/uuid)
echo $line >$key
echo $line >$key.pub
`;

const COUNT = 30;
/** A machine that cannot go on says why and turns itself off; one that is slow has time. */
const WORDS = 'dock0.root=LABEL=tiny dock0.release=current dock0.timeout=120 dock0.panic=reboot';

describe('the identity of a machine', () => {
  let folder: string;
  let made: Made;
  let root: VmDisk;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-identity-'));
    made = await makeInitramfs(folder, {
      volumes: { docker: null, data: { label: 'data', path: '/data' } },
      state: { volume: 'data' },
    });
    const script = execFileSync('cat', [join(__dirname, '../../hooks/machine/ssh-host-keys')]).toString();
    root = await tinyDisk(folder, 'tiny', {
      '10-root': {
        'bin/busybox': 'busybox',
        'bin/ssh-keygen': { run: KEYGEN },
        'sbin/init': { run: INIT },
        'usr/lib/dock0/ssh-host-keys': { run: script },
        'etc/ssh/sshd_config': '# none',
      },
    });
  });
  after(() => rmSync(folder, { recursive: true }));

  const boot = (data: VmDisk, power?: number) => bootTiny(folder, made, WORDS, [root, data], power);

  it('is the same over 20 reboots', async () => {
    const data = await emptyDisk(join(folder, 'reboots.img'), 'data');
    const seen = new Set<string>();
    for (let count = 0; count <= 20; count++) {
      const { facts, console } = await boot(data);
      expect(facts('done'), console.join('\n')).to.have.length(1);
      seen.add(`${facts('id')} ${facts('done')}`);
    }
    expect([...seen]).to.have.length(1);
  });

  it(`is the one before or a whole one after each of ${COUNT} power cuts`, async () => {
    const seed = Number(process.env.DOCK0_SEED ?? Date.now() % 1_000_000);
    const random = randomFrom(seed);
    const file = join(folder, 'cuts.img');
    const { milliseconds } = await timed(() => emptyDisk(file, 'data').then((data) => boot(data)));
    const cuts = { before: 0, whole: 0, kept: 0 };
    for (let count = 0; count < COUNT; count++) {
      // Two of three begin with an empty disk, where all is written for the first time.
      if (count % 3 !== 2) await emptyDisk(file, 'data');
      const data = { file, snapshot: false };
      const copy = `${file}.before`;
      copyFileSync(file, copy);
      const first = await boot(data, milliseconds * (0.4 + 0.6 * random()));
      const next = await boot(data);
      const why = `seed ${seed}, ${count}\n${[...first.console, ...next.console].join('\n')}`;
      const [id] = next.facts('id');
      const [key] = next.facts('done');
      expect(id, why).to.match(/^[0-9a-f]{32}$/);
      expect(key, why).to.match(/^[0-9a-f]{32}$/);
      if (count % 3 === 2) {
        // What was there stays.
        const old = await boot({ file: copy, snapshot: false });
        expect(id, why).to.equal(old.facts('id')[0]);
        expect(key, why).to.equal(old.facts('done')[0]);
        cuts.kept++;
      } else if (first.facts('id').length === 0) cuts.before++;
      else {
        // What the machine was called, it is called.
        expect(id, why).to.equal(first.facts('id')[0]);
        if (first.facts('done').length > 0) expect(key, why).to.equal(first.facts('done')[0]);
        cuts.whole++;
      }
    }
    console.log(`      ${JSON.stringify({ seed, ...cuts })}`);
  });
});

async function timed(task: () => Promise<unknown>): Promise<{ milliseconds: number }> {
  const started = performance.now();
  await task();
  return { milliseconds: performance.now() - started };
}
