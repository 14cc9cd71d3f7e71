import { NIL_GUID } from '@deadbox/core';
import { sharedIdentities as sharedBy } from '@deadbox/windows';
import { type FailedImage, type ImageReport, isFailedImage } from './report-types.js';

/** Images whose disks have one identity: attached to one Windows together, it gives one of them another, and that one boots no more. */
export interface SharedIdentity {
  /** GPT disk GUID or MBR signature. */
  readonly diskId: string;
  /** Paths of the images, in the order they were given. */
  readonly paths: string[];
}

/** `./a//b` and `a/b` are one path. */
function plainPath(path: string): string {
  return path.replaceAll(/\/(\.?\/)+/g, '/').replace(/^\.\//, '');
}

/** The identities that several of `images` have. A link of a snapshot chain and its parents are one disk. */
export function findSharedIdentities(images: readonly (ImageReport | FailedImage)[]): SharedIdentity[] {
  const judged = images.filter((image): image is ImageReport => !isFailedImage(image));
  const parents = new Set(
    judged.flatMap(({ image }) =>
      image.parents.flatMap(({ name }) => (typeof name === 'string' ? [plainPath(name)] : [])),
    ),
  );
  const seen = new Set(parents);
  const disks = judged.flatMap(({ path, disk: { diskId } }) => {
    if (diskId === null || diskId === NIL_GUID || seen.has(plainPath(path))) return [];
    seen.add(plainPath(path));
    return [{ name: path, diskId }];
  });
  return sharedBy(disks).map(({ diskId, names }) => ({ diskId, paths: names }));
}
