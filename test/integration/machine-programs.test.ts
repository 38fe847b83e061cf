import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageFolder } from '../../lib/config/paths';

/** Mounts file systems of 16 MiB in a namespace that ends with the program, links them as a machine has them, and runs it. */
const RUN = `set -e
mount -t tmpfs none /run
mkdir -p /run/dock0/volumes "$1/full" "$1/free" "$1/files"
for name in full free; do
  mount -t tmpfs -o size=16m none "$1/$name"
  ln -s "$1/$name" "/run/dock0/volumes/$name"
done
mount -t tmpfs -o size=16m,nr_inodes=20 none "$1/files"
ln -s "$1/files" /run/dock0/volumes/files
ln -s "$1/gone" /run/dock0/volumes/gone
head -c 15600k /dev/zero >"$1/full/data"
for number in $(seq 19); do : >"$1/files/$number"; done
sh "$2" 2>/dev/null
`;

describe('the programs of a machine', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-programs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const program = (name: string): string => join(packageFolder(), 'hooks/machine', name);

  it('warn of volumes that are nearly full, of room and of inodes, and of no others', () => {
    const out = execFileSync('unshare', [
      ...['--mount', '--propagation', 'private', 'sh', '-c', RUN, 'sh'],
      ...[folder, program('volume-usage')],
    ]).toString();
    expect(out.split('\n').filter(Boolean)).to.deep.equal([
      `<4>volume files on ${folder}/files is full to 100 % (inodes)`,
      `<4>volume full on ${folder}/full is full to 96 % (room)`,
    ]);
  });

  it('make the SSH host keys that are missing, and one of RSA only where sshd is told to use it', () => {
    const keys = (prepare: string): string[] => {
      const script = `set -e; mount -t tmpfs none /etc/ssh; mount -t tmpfs none /run; ${prepare}; "$1"; cd /etc/ssh; stat -c '%n %a' *_key`;
      const words = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'];
      return execFileSync('unshare', [...words, program('ssh-host-keys')])
        .toString()
        .trim()
        .split('\n');
    };
    const made = ['ssh_host_ecdsa_key 600', 'ssh_host_ed25519_key 600'];
    expect(keys(':')).to.deep.equal(made);
    expect(keys(': >/etc/ssh/ssh_host_ed25519_key')).to.deep.equal(made);
    expect(keys("echo '#HostKey /etc/ssh/ssh_host_rsa_key' >/etc/ssh/sshd_config")).to.deep.equal(made);
    const told =
      "mkdir /etc/ssh/sshd_config.d; echo 'hostkey /etc/ssh/ssh_host_rsa_key' >/etc/ssh/sshd_config.d/own";
    expect(keys(told)).to.deep.equal([...made, 'ssh_host_rsa_key 600']);
    const own = 'echo mine >/etc/ssh/ssh_host_ed25519_key; chmod 640 /etc/ssh/ssh_host_ed25519_key';
    expect(keys(own)).to.deep.equal(['ssh_host_ecdsa_key 600', 'ssh_host_ed25519_key 640']);
  });

  /** Programs that only write down how they were called; mkswap is the real one. */
  const stand = (...names: string[]): string => {
    const bin = join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    for (const name of names) {
      writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>"${folder}/called"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return `${bin}:${process.env.PATH}`;
  };
  const called = (): string => readFileSync(join(folder, 'called'), 'utf8');

  it('make a swap file that only root reads, once, and anew where its size is another', () => {
    const file = join(folder, 'my swap');
    const env = { PATH: stand('swapon') };
    const swap = (bytes: number): void => {
      execFileSync(program('swap'), ['file', file, String(bytes)], { env, stdio: 'ignore' });
    };
    swap(2 << 20);
    const [mode, size] = execFileSync('stat', ['-c', '%a %s', file]).toString().trim().split(' ');
    expect([mode, size]).to.deep.equal(['600', String(2 << 20)]);
    expect(readFileSync(file).subarray(4086, 4096).toString()).to.equal('SWAPSPACE2');
    expect(called()).to.equal(`swapon -p 10 ${file}\n`);
    const inode = (): string => execFileSync('stat', ['-c', '%i', file]).toString();
    const before = inode();
    swap(2 << 20);
    expect(inode()).to.equal(before);
    swap(3 << 20);
    expect(execFileSync('stat', ['-c', '%s', file]).toString().trim()).to.equal(String(3 << 20));
  });

  it('leave no part of a swap file where the volume has no room, and follow no link', () => {
    const env = { PATH: stand('swapon', 'fallocate') };
    writeFileSync(join(folder, 'bin/fallocate'), '#!/bin/sh\n: >"$3"\nexit 1\n');
    const file = join(folder, 'swap');
    const run = (): void => {
      execFileSync(program('swap'), ['file', file, '1048576'], { env, stdio: 'ignore' });
    };
    expect(run).to.throw();
    expect(execFileSync('ls', [folder]).toString()).to.equal('bin\n');
    rmSync(join(folder, 'bin/fallocate'));
    writeFileSync(join(folder, 'other'), Buffer.alloc(1 << 20));
    symlinkSync(join(folder, 'other'), file);
    run();
    expect(readFileSync(join(folder, 'other')).every((byte) => byte === 0)).to.equal(true);
  });
});
