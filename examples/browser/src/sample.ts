/** A crashed disk, gzipped, in Base64. The build puts it here. */
export const sample: string = '';
