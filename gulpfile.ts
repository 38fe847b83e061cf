import './lib/system/module-cache';
import gulp from 'gulp';
import { importDock0, importedFiles } from './tasks/import-dock0';
import { dock0 } from './tasks/set';

const { series, parallel } = gulp;

export const {
  setup,
  doctor,
  rootfs,
  pacstrap,
  customize,
  kernel,
  'kernel:check': kernelCheck,
  'kernel:menuconfig': kernelMenuconfig,
  initramfs,
  images,
  squash,
  install,
  releases,
  rollback,
  verify,
  boot,
  lock,
  outdated,
  update,
  clean,
  gc,
} = dock0();

/** The root, the kernel and images of containers are made side by side; a release is what they come to. */
const root = series(rootfs, pacstrap, customize);
const boots = series(kernel, initramfs);

export const build = series(parallel(root, boots, images), squash, install);
build.description = 'Builds a release: packages, settings, kernel, initramfs, squashfs layers, disk image';

export const quickstart = series(setup, build, verify);
quickstart.description = 'Sets the host up, builds a release and proves that it runs containers';

export default build;

export { importDock0 };

// gulp takes the files behind `import-dock0` for tasks.
for (const file of importedFiles(process.argv)) gulp.task(file, async () => undefined);
