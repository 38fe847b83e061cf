import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Writes an archive of an image as `docker save` does, which has this machine's static busybox and nothing else.
 *
 * @param names the image's names: `web:1`
 * @param text what its file /text says
 * @returns the id of the image
 */
export function writeImage(archive: string, names: readonly string[], text = 'none'): string {
  const folder = mkdtempSync(join(tmpdir(), 'dock0-image-'));
  try {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'bin'), { recursive: true });
    copyFileSync('/usr/bin/busybox', join(root, 'bin/busybox'));
    for (const name of ['sh', 'sleep', 'cat', 'echo', 'nc', 'ls', 'date', 'httpd'])
      symlinkSync('busybox', join(root, 'bin', name));
    writeFileSync(join(root, 'text'), `${text}\n`);
    const tar = (from: string, to: string, ...files: string[]): void => {
      const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
      execFileSync('tar', ['-c', ...same, '-C', from, '-f', to, ...files]);
    };
    tar(root, join(folder, 'layer.tar'), 'bin', 'text');
    const config = JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config: { Env: ['PATH=/bin'], Cmd: ['sleep', '1000000'] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(readFileSync(join(folder, 'layer.tar')))}`] },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'a test' }],
    });
    const id = sha256(config);
    writeFileSync(join(folder, `${id}.json`), config);
    const manifest = [{ Config: `${id}.json`, RepoTags: names, Layers: ['layer.tar'] }];
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    tar(folder, archive, 'manifest.json', `${id}.json`, 'layer.tar');
    return `sha256:${id}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
