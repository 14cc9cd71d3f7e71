import { elementsOf, parseXml } from '../text/xml.js';

/** A disk that an OVF descriptor lists. */
export interface OvfDisk {
  /**
   * File name of the disk in the archive, as the descriptor writes it: a URI reference. Where it refers to a file that
   * it does not list, that file's id.
   */
  readonly href: string;
  /**
   * Why the file cannot be read where it lies: `compressed as gzip`, `stored in pieces`, `made on another disk`; absent
   * when it can.
   */
  readonly obstacle?: string;
}

/**
 * The disk files of an OVF descriptor (DMTF DSP0243, sections 7.1 `References` and 9.1 `DiskSection`) in the order of
 * its disks.
 * @returns none when the text is no well-formed document
 */
export function parseOvfDisks(xml: string): OvfDisk[] {
  const root = parseXml(xml);
  if (root === undefined) return [];
  const files = new Map(elementsOf(root, 'File').map(({ attributes }) => [attributes.get('id'), attributes]));
  const disks = new Map<string, OvfDisk>();
  for (const { attributes } of elementsOf(root, 'Disk')) {
    const reference = attributes.get('fileRef');
    // One without a file is empty when the machine starts for the first time (section 9.1).
    if (reference === undefined) continue;
    const file = files.get(reference);
    const href = file?.get('href') ?? reference;
    if (disks.has(href)) continue;
    const compression = file?.get('compression') ?? 'identity';
    const obstacle =
      compression !== 'identity' && compression !== ''
        ? `compressed as ${compression}`
        : file?.has('chunkSize') === true
          ? 'stored in pieces'
          : attributes.has('parentRef')
            ? 'made on another disk of the archive'
            : undefined;
    disks.set(href, obstacle === undefined ? { href } : { href, obstacle });
  }
  return [...disks.values()];
}
