import { type BuildContext, type BuildStep, defineStep, type InputsOf } from '../lib/build';
import { buildImages, imageInputs, imageTools } from '../lib/release/images/build';

/** Makes the layer of the images that the release brings along: archives that the machine gives to Docker. */
export const images = defineStep<string, InputsOf<typeof imageInputs>>({
  name: 'images',
  description: 'Gets the images that the release brings along',
  version: 1,
  root: 'gives the images to root',
  tools: imageTools,
  inputs: async (context) => {
    const { howToMove, pinnedDigest } = await import('../lib/distributions/lock/container-images');
    return imageInputs(context, (name) => pinnedDigest(name, context), howToMove(context));
  },
  run: buildImages,
});

/** The step, where a configuration has images. */
export function imagesOf({ config }: Pick<BuildContext, 'config'>): BuildStep[] {
  return config.docker.enabled && config.images.length > 0 ? [images] : [];
}
