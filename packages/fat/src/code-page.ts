/**
 * Upper half of code page 437, the OEM code page of US Windows (Unicode consortium, VENDORS/MICSFT/PC/CP437.TXT). Short
 * names are stored in the OEM code page of the system that wrote them, which the volume does not tell; names that
 * matter have a long name in UTF-16 too.
 */
const UPPER_HALF =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** Text of OEM bytes. */
export function shortNameText(bytes: Uint8Array): string {
  let text = '';
  for (const value of bytes) text += value < 0x80 ? String.fromCharCode(value) : UPPER_HALF.charAt(value - 0x80);
  return text;
}
