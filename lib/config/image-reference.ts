import { IMAGE_NAME } from './limits';

/** The parts of an image's name, by the grammar of distribution's package `reference`. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*';
const DOMAIN = '(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(?::\\d+)?';
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';

/** What names an image: `nginx`, `nginx:1.27`, `registry.example:5000/a/b:1@sha256:…`. */
export const IMAGE_REFERENCE = new RegExp(
  `^(?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*(?::${TAG})?(?:@sha256:[0-9a-f]{64})?$`,
);

/** An image's name in full: with registry and tag. */
export interface ImageName {
  /** `docker.io`, `127.0.0.1:5000`. */
  registry: string;
  /** `library/nginx`. */
  repository: string;
  /** Undefined where only a digest is stated. */
  tag: string | undefined;
  /** `sha256:…` */
  digest: string | undefined;
}

/**
 * The full name of an image, as Docker reads it: the first part is a registry where it has a dot, a colon or is
 * localhost, else the image is one of docker.io; without tag and digest it is `latest`.
 *
 * @param reference matches IMAGE_REFERENCE
 */
export function imageName(reference: string): ImageName {
  const [name = '', digest] = reference.split('@');
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  const path = tagged ? name.slice(0, colon) : name;
  const tag = tagged ? name.slice(colon + 1) : digest === undefined ? 'latest' : undefined;
  const slash = path.indexOf('/');
  const first = path.slice(0, Math.max(slash, 0));
  const isRegistry = /[.:]/.test(first) || first === 'localhost';
  const registry = isRegistry ? first : 'docker.io';
  const rest = isRegistry ? path.slice(slash + 1) : path;
  const repository = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  return { registry, repository, tag, digest };
}

/** The full name as a text, which is the same for all ways to write it. */
export function fullName({ registry, repository, tag, digest }: ImageName): string {
  const label = tag === undefined ? '' : `:${tag}`;
  return `${registry}/${repository}${label}${digest === undefined ? '' : `@${digest}`}`;
}

/** Whether the name in front of tag and digest is longer than Docker takes it. */
export function isTooLong(reference: string): boolean {
  const { registry, repository } = imageName(reference);
  return `${registry}/${repository}`.length > IMAGE_NAME;
}
