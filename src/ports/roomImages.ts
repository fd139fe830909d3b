/** Media types that a room keeps. */
export type ImageType = 'image/png' | 'image/jpeg' | 'image/webp';

/** An image that was checked: every byte of it was written by us, upright, without metadata. */
export type CheckedImage = {
  bytes: Buffer;
  mediaType: ImageType;
  /** Pixels. */
  width: number;
  height: number;
  /** Of `bytes`, hex: its name. The same upload has the same name. */
  sha256: string;
};

export type StoredImage = CheckedImage & { storedAt: string };

/** Images on boards: PNG, JPEG and WebP of at most 10 MB and 40 megapixels, named by their content, and which rooms use them. */
export type RoomImages = {
  /**
   * Judges by content, not by name or header, and writes the image anew: turned as its EXIF says, colours in sRGB, without metadata, of an
   * animation the first picture.
   * @throws DomainError `imageNotSupported` (another format, broken, or something else behind it), `imageTooLarge`, `unavailable` (too many at once)
   */
  check(bytes: Buffer): Promise<CheckedImage>;
  /** Once it returned, the image is kept. Again for the same room: nothing happens. @throws DomainError `roomImagesFull` */
  put(roomId: string, by: string, image: CheckedImage): Promise<void>;
  get(sha256: string): Promise<StoredImage | undefined>;
  /** Rooms that use it, sorted: who may see one of them may see it. */
  roomsOf(sha256: string): Promise<string[]>;
  /** For a fork: the room `to` uses whatever `from` uses. */
  share(from: string, to: string): Promise<void>;
};
