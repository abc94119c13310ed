/** The list that a former visit stored as JSON; empty where there is none, or what is stored is no list. */
export function storedList(stored: string | null): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
