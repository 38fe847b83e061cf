import { defineStep } from '../lib/build';
import { buildRootInputs, buildRootTools, makeBuildRoot } from '../lib/root/build-root';

/**
 * Prepares the build root. Backend `overlay`: only folders, stacked. Backend `image`, like dock0 itself: a file of
 * `fs.size`, formatted as `fs.type`, in which each layer is made; its size limits what a build can write. Both give the
 * same layers.
 */
export const rootfs = defineStep({
  name: 'rootfs',
  description: 'Prepares the root that the layers are made in',
  version: 2,
  tools: buildRootTools,
  inputs: buildRootInputs,
  run: makeBuildRoot,
});
