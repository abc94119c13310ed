/** What an entry of a lake in a bucket, and a file of one, may be called. */
export const plainNamePattern = /^(?!\.)[\w.=@+-]{1,255}$/;

/** Whether a name is one that an entry, or a file of one, may have: it leads nowhere else. */
export function isPlainName(name: string): boolean {
  return plainNamePattern.test(name);
}
