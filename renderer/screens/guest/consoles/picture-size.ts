// How large a guest's picture is drawn: as large as its place, over all of it, or one of its pixels for one of the screen's.

/** `fit`: all of it is seen; `fill`: nothing of the place is left empty; `one`: pixel for pixel. */
export type Fit = 'fit' | 'one' | 'fill';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The size in CSS pixels.
 * @param picture in the guest's pixels. @param room of its place, in CSS pixels. @param ratio the screen's pixels for one of CSS: `devicePixelRatio`.
 */
export const pictureSize = (fit: Fit, picture: Size, room: Size, ratio: number): Size => {
  const [across, down] = [room.width / picture.width, room.height / picture.height];
  const scale = { fit: Math.min(across, down), fill: Math.max(across, down), one: 1 / ratio }[fit];
  return { width: picture.width * scale, height: picture.height * scale };
};
