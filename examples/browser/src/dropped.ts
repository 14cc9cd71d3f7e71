/** The files of a drop, those of folders too. */
export async function droppedFiles({ dataTransfer }: DragEvent): Promise<readonly File[]> {
  const entries = [...(dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry());
  const files: File[] = [...(dataTransfer?.files ?? [])];
  const folders = entries.filter((entry) => entry?.isDirectory === true) as FileSystemDirectoryEntry[];
  const inside: File[] = [];
  for (const entry of folders) inside.push(...(await filesIn(entry)));
  return [...files.filter((file) => !folders.some(({ name }) => name === file.name)), ...inside];
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return files;
    for (const entry of entries)
      if (entry.isFile)
        files.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)));
  }
}

/** Children before their parents: what was changed last is the state that the server had. */
export function newestFirst(names: readonly string[], files: readonly File[]): readonly string[] {
  const times = new Map(files.map(({ name, lastModified }) => [name, lastModified]));
  const isChild = (name: string): number => Number(/avhdx?$|delta|snap|child|overlay/i.test(name));
  return [...names].sort((a, b) => isChild(b) - isChild(a) || (times.get(b) ?? 0) - (times.get(a) ?? 0));
}
