import { chmodSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file of the project: its text and mode, or the target of a link. */
export type ProjectFile = { text: string; mode: number } | { link: string };

/** All that a build may depend on. */
export interface Project {
  config: {
    overlay: string[];
    templates: string[];
    scripts: string[];
    hooks: Record<string, string[]>;
    commands: { chroot: string[]; host: string[] };
    [key: string]: unknown;
  };
  files: Record<string, ProjectFile>;
  /** The environment of the process that builds. */
  env: Record<string, string>;
  umask: number;
  /** How far the clock is ahead, in seconds. */
  clock: number;
}

/** The project that mutations start from. */
export function firstProject(): Project {
  const text = (content: string, mode = 0o644): ProjectFile => ({ text: content, mode });
  const script = (line: string): ProjectFile => text(`#!/bin/sh\n${line}\n`, 0o755);
  return {
    config: {
      name: 'tiny',
      distribution: 'busybox',
      packages: ['busybox'],
      docker: { enabled: false, daemon: {} },
      volumes: { docker: null },
      network: { dhcp: false },
      kernel: { provider: 'file', file: './vmlinuz', cmdline: ['quiet', 'one=1'] },
      install: { target: 'directory', releases: 2 },
      vars: { word: 'zero', token: '$'.concat('{env:TOKEN}'), key: '$'.concat('{secret:KEY}') },
      overlay: ['./a', './b'],
      templates: [],
      scripts: [],
      hooks: {},
      commands: { chroot: [], host: [] },
    },
    files: {
      vmlinuz: text('no kernel, but a file\n'),
      vmlinuz2: text('another file\n'),
      config: text('CONFIG_SQUASHFS=y\n'),
      'modules/6.1.0/modules.dep': text('kernel/fs/ext4/ext4.ko:\n'),
      'modules/6.1.0/kernel/fs/ext4/ext4.ko': text('no module\n'),
      'hooks/beep': text('run_hook() { echo beep; }\n'),
      'more-hooks/beep': text('run_hook() { echo boop; }\n'),
      'more.yaml': text('vars: {more: 1}\n'),
      'other.yaml': text('vars: {more: 2, other: [3]}\n'),
      secret: text('from-a-file\n', 0o600),
      'a/etc/passwd': text(
        'root:x:0:0::/root:/bin/sh\ngames:x:5:5::/:/bin/false\nnobody:x:9:9::/:/bin/false\n',
      ),
      'a/etc/group': text('root:x:0:\ngames:x:5:\nnobody:x:9:\n'),
      'a/etc/shadow': text('root:*:1::::::\ngames:*:1::::::\nnobody:*:1::::::\n', 0o640),
      'a/etc/x': text('a\n'),
      'a/etc/tool': script('echo tool'),
      'a/etc/link': { link: 'x' },
      'a/srv/deep/file': text('deep\n'),
      'b/etc/x': text('b\n'),
      't/etc/t.conf': text('<%= vars.word %>\n'),
      'u/etc/t.conf': text('<%= kernel.cmdline.join(" ") %>\n'),
      's/10-first': script('echo "$(cat "$DOCK0_ROOT/etc/order" 2>/dev/null)s" > "$DOCK0_ROOT/etc/order"'),
      'r/10-second': script('cp "$DOCK0_CONFIG" "$DOCK0_ROOT/etc/seen"'),
      one: script('echo one >> "$DOCK0_OUT/hooked"'),
      two: script('cat "$DOCK0_CONFIG" > "$DOCK0_OUT/config-of-hook"'),
    },
    env: { TOKEN: 'first-token', KEY: 'first-of-the-keys' },
    umask: 0o022,
    clock: 0,
  };
}

/** Writes a project to its folder; only what differs from what was written before. */
export function writeProject(folder: string, now: Project, before?: Project): void {
  for (const path of Object.keys(before?.files ?? {}))
    if (!same(now.files[path], before?.files[path]))
      rmSync(join(folder, path), { recursive: true, force: true });
  for (const [path, file] of Object.entries(now.files)) {
    if (same(file, before?.files[path])) continue;
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) rmSync(target, { recursive: true });
    if ('link' in file) symlinkSync(file.link, target);
    else {
      writeFileSync(target, file.text);
      chmodSync(target, file.mode);
    }
  }
  const { config } = now;
  for (const path of [...config.overlay, ...config.templates, ...config.scripts])
    mkdirSync(join(folder, path), { recursive: true });
  // YAML takes JSON.
  writeFileSync(join(folder, 'dock0.yaml'), JSON.stringify(config));
}

function same(one: ProjectFile | undefined, other: ProjectFile | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
