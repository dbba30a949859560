/** Numbers of 16 bits, where the language has no array for them yet. */

const shared = new DataView(new ArrayBuffer(8));

/** Give the nearest half, halves to the even one, as its bits. @param {number} value */
export function toHalf(value) {
  shared.setFloat64(0, value);
  const head = shared.getUint16(0);
  const sign = head & 0x8000;
  if (Number.isNaN(value)) return 0x7e00;
  if (!Number.isFinite(value)) return sign | 0x7c00;
  const power = Math.max(((head >>> 4) & 2047) - 1023, -14); // below, all have one unit
  const units = even(Math.abs(value) / 2 ** (power - 10)); // 1024 and more but for subnormals
  return sign | Math.min(units + ((power + 14) << 10), 0x7c00);
}

/** Give the number that bits stand for. @param {number} bits */
export function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const [power, part] = [(bits >>> 10) & 31, bits & 1023];
  if (power === 31) return part ? NaN : sign * Infinity;
  return sign * (power ? 2 ** (power - 15) * (1 + part / 1024) : part * 2 ** -24);
}

/** Round a number above 0, halves to the even one. @param {number} value */
function even(value) {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2) ? below + 1 : below;
}
