// Every file of a folder and below it, with SHA-256, one JSON line each: node dist/list-files.js disk.img
// /Windows/System32
import { type FileNode, formatFileTime, hashSource, isDeadboxError } from 'deadbox';
import { openPath } from 'deadbox/node';

const [image = 'disk.img', folder = '/'] = process.argv.slice(2);

async function* walk(directory: FileNode): AsyncGenerator<FileNode> {
  for await (const batch of directory.entries()) {
    for (const entry of batch) {
      const node = await entry.open();
      yield node;
      // Links and junctions have types of their own: following only directories never loops.
      if (node.type === 'directory') yield* walk(node);
    }
  }
}

async function contentHash(node: FileNode): Promise<string | undefined> {
  if (node.type !== 'file') return undefined;
  try {
    return await hashSource(await node.stream());
  } catch (error) {
    // A file that cannot be read is a finding, not a reason to stop.
    if (isDeadboxError(error)) return error.code;
    throw error;
  }
}

const disk = await openPath(image);
for (const volume of disk.volumes) {
  // FAT volumes list just as well; locked and foreign ones say so.
  if (volume.locked || volume.fileSystem !== 'ntfs') continue;
  const tree = await volume.fileTree();
  const start = await tree.lookup(folder);
  if (start === undefined) continue;
  for await (const node of walk(start)) {
    const modified = node.modified === undefined ? undefined : formatFileTime(node.modified);
    console.log(
      JSON.stringify({
        volume: volume.number,
        path: node.path,
        type: node.type,
        size: node.size,
        modified,
        sha256: await contentHash(node),
      }),
    );
  }
}
await disk.close();
