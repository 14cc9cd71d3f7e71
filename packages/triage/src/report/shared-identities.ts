import { NIL_GUID } from '@deadbox/core';
import { sharedIdentities as sharedBy } from '@deadbox/windows';
import { type ImageOutline, isFailedOutline, type JudgedOutline } from './image-outline.js';
import type { SharedIdentity } from './report-types.js';

/** `./a//b` and `a/b` are one path. */
function plainPath(path: string): string {
  return path.replaceAll(/\/(\.?\/)+/g, '/').replace(/^\.\//, '');
}

/** The identities that several of `images` have. A link of a snapshot chain and its parents are one disk. */
export function findSharedIdentities(images: readonly ImageOutline[]): SharedIdentity[] {
  const judged = images.filter((image): image is JudgedOutline => !isFailedOutline(image));
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
