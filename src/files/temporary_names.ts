/** Every file and folder under construction, and every lock, has a name that starts so. */
export const temporaryPrefix = '.spymaster-tmp-';
export const lockSuffix = '.lock';

/** The part of a temporary name that comes before the final name. */
export const temporaryPattern = /\.spymaster-tmp-[0-9a-f]{16,}-/g;
