// An import that Node does, of what is built: the runner of tests would take the sources, and translate each of them.
exports.nativeImport = (path) => import(path);
