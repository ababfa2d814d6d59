/** How long ago, in the largest unit that says enough: `8 s`, `5 min`, `3 h`, `12 d`. */
export function ago(date: Date | null, now = Date.now()): string {
  if (!date) return '–';
  const seconds = Math.max(0, Math.round((now - date.getTime()) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}
