/** Where files are shown whose chain of parents is broken. */
export const ORPHAN_ROOT = '/$OrphanFiles';
