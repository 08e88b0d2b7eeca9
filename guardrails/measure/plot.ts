import { curveOf, type Scored } from "./metrics.ts";

const [width, height, margin] = [640, 420, 56];
/** False alarms are told apart down to one in ten thousand. */
const decades = 4;

/** Recall over the rate of false alarms, on a scale of decades, as an SVG. */
export function plotOf(texts: readonly Scored[]): string {
  const points = curveOf(texts).map(({ fpr, recall }) => `${x(fpr)},${y(recall)}`);
  const ticks = Array.from({ length: decades + 1 }, (_, decade) => 10 ** (decade - decades));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...ticks.map((rate) => upright(rate)),
    ...[0, 0.25, 0.5, 0.75, 1].map((recall) => level(recall)),
    `<polyline points="${points.join(" ")}" fill="none" stroke="#0b5cad" stroke-width="2"/>`,
    `<text x="${width / 2}" y="${height - 12}" text-anchor="middle">false alarms among harmless texts</text>`,
    `<text transform="translate(16 ${height / 2}) rotate(-90)" text-anchor="middle">hostile texts found</text>`,
    "</svg>\n",
  ].join("\n");
}

function upright(rate: number): string {
  const at = x(rate);
  return `<path d="M${at} ${y(0)}V${y(1)}" stroke="#ddd"/><text x="${at}" y="${y(0) + 18}" text-anchor="middle">${rate * 100} %</text>`;
}

function level(recall: number): string {
  const at = y(recall);
  return `<path d="M${x(0)} ${at}H${x(1)}" stroke="#ddd"/><text x="${x(0) - 8}" y="${at + 4}" text-anchor="end">${recall * 100} %</text>`;
}

/** What is below the scale stands at its edge. */
function x(rate: number): number {
  const decade = Math.max(0, decades + Math.log10(Math.max(rate, Number.MIN_VALUE)));
  return round(margin + (decade / decades) * (width - 2 * margin));
}

function y(recall: number): number {
  return round(height - margin - recall * (height - 2 * margin));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
