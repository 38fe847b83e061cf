import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { onDisk } from '../../lib/install/onto';
import { bootableDisk, bootFrom, writeRelease } from '../helpers/bootable-disk';
import { type Made, makeInitramfs, tinyBase } from '../helpers/initramfs-machine';

describe('a disk image with systemd-boot', () => {
  let folder: string;
  let made: Made;
  let file: string;
  const said: string[] = [];
  const releases = async (command: string, ...words: string[]): Promise<string[]> => {
    const at = {
      cache: folder,
      signal: new AbortController().signal,
      log: (line: string) => void said.push(line),
    };
    said.length = 0;
    await onDisk(file, [command, ...words], at);
    return [...said].sort();
  };
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dock0-systemd-boot-'));
    made = await makeInitramfs(folder, { install: { loader: 'systemd-boot' } });
    const release = await writeRelease(join(folder, 'aa'), made, { '10-root': tinyBase() }, 'aa');
    file = await bootableDisk(folder, release, 'aa', [], 300 * 2 ** 20, 'systemd-boot');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('boots by itself, by UEFI', async () => {
    const console = await bootFrom('uefi', { file, snapshot: true }, folder);
    expect(console, console.join('\n')).to.include('fact: file /etc/lower of the lowest layer');
    expect(console.join('\n')).to.not.contain('trying this release');
  });

  it('goes back by itself from a kernel that panics, after as many tries as it gets', async () => {
    const panics = { '10-root': { ...tinyBase(), 'sbin/init': { run: '#!/bin/busybox sh\nexit 1\n' } } };
    const release = await writeRelease(join(folder, 'bb'), made, panics, 'bb');
    await releases('add', release, '3', '2', 'systemd-boot');
    expect(await releases('list')).to.deep.equal(['aa current', 'bb trying:2']);
    const console = await bootFrom('uefi', { file, snapshot: false }, folder, { onReboot: 'reboot' });
    const booted = console.flatMap((line) => {
      if (line.includes('trying this release')) return ['bb'];
      return line.includes('release aa, 1 layers') ? ['aa'] : [];
    });
    expect(booted, console.join('\n')).to.deep.equal(['bb', 'bb', 'aa']);
    expect(await releases('list')).to.deep.equal(['aa current', 'bb']);
  });
});
