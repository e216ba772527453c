/** How many columns of tiles fill a box with tiles of the most even shape. */
export function tileGrid(count: number, width: number, height: number, orientation: string | undefined, ratio = 2.2): { columns: number; rows: number } {
  if (orientation === "horizontal") return { columns: 1, rows: count };
  if (orientation === "vertical") return { columns: count, rows: 1 };
  let best = { columns: 1, rows: count };
  let least = Infinity;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const shape = width / columns / (height / rows);
    const waste = (columns * rows - count) * 0.15;
    const distance = Math.abs(Math.log(shape / ratio)) + waste;
    if (distance < least) {
      least = distance;
      best = { columns, rows };
    }
  }
  return best;
}

/** The font size at which `text` fills a box without leaving it. */
export function fitFont(text: string, width: number, height: number, most: number): number {
  const byWidth = width / Math.max(1, text.length * 0.6);
  return Math.max(10, Math.min(byWidth, height * 0.72, most));
}
