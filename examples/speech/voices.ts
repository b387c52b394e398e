/** Who speaks for training: made voices of three programs, each with its own accents, tempi and pitches. */

export interface Voice {
  readonly name: string;
  /** Whose throat it is: voices of one speaker differ in accent, tempo and pitch alone. */
  readonly speaker: string;
  readonly program: "espeak-ng" | "flite" | "festival";
  /** As the program knows it. */
  readonly id: string;
  /** As the program counts it: words a minute, or how much longer everything takes. */
  readonly tempo: number;
  /** Of espeak-ng 0 to 99; of others hertz, or undefined for the speaker's own. */
  readonly pitch?: number;
}

/** espeak-ng's variants, without those that whisper, croak, echo or are robots on purpose, and without those that only differ in tempo. */
const THROATS = [
  ..."Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario Michael Mike adam anika antonio aunty".split(
    " ",
  ),
  ..."belinda benjamin boris caleb david ed edward edward2 f1 f2 f3 f4 f5 grandma grandpa gustave iven iven2 iven3 iven4 john klatt".split(
    " ",
  ),
  ..."klatt2 klatt3 klatt4 linda m1 m2 m3 m4 m5 m6 m7 m8 marcelo max michel miguel norbert pablo paul pedro quincy rob robert".split(" "),
  ..."sandro shelby steph steph2 steph3 travis victor zac".split(" "),
];
const ACCENTS = ["en-gb", "en-gb-scotland", "en-029", "en-us-nyc", "en-gb-x-rp", "en-us", "en-gb-x-gbcwmd", "en-gb-x-gbclan"];

/** Each throat in American English and in another accent; tempi and pitches go round. */
function espeak(): Voice[] {
  return THROATS.flatMap((throat, i) =>
    ["en-us", ACCENTS[i % ACCENTS.length] as string].map((accent, k): Voice => {
      const [tempo, pitch] = [110 + ((i * 37 + k * 53) % 12) * 10, 20 + ((i * 23 + k * 31) % 13) * 5];
      const id = `${accent}+${throat}`;
      return { name: `${id} ${tempo} ${pitch}`, speaker: throat, program: "espeak-ng", id, tempo, pitch };
    }),
  );
}

/** Tempo, and pitch over the speaker's own. */
const SETTINGS: readonly (readonly [tempo: number, pitch?: number])[] = [[1], [1.25, 0.85], [0.85, 1.15], [1.1, 1.3], [1.4, 1]];

/**
 * Speakers who were recorded: nearer to people, but few, so each comes in several tempi and pitches.
 *
 * @param own hertz of the speaker's own pitch; without it the voice knows no other, and no other tempo
 */
function recorded(program: "flite" | "festival", id: string, own?: number): Voice[] {
  const speaker = id.replace(/^voice_|_diphone$|16$|_arctic_hts$|cmu_us_/g, "");
  return (own === undefined ? SETTINGS.slice(0, 1) : SETTINGS).map(([tempo, pitch]): Voice => {
    const hertz = own && pitch && Math.round(own * pitch);
    return { name: `${program} ${id} ${tempo} ${hertz ?? "own"}`, speaker, program, id, tempo, pitch: hertz };
  });
}

export const VOICES: readonly Voice[] = [
  ...espeak(),
  ...recorded("flite", "slt", 170),
  ...recorded("flite", "rms", 100),
  ...recorded("flite", "awb", 125),
  ...recorded("flite", "kal", 105),
  ...recorded("festival", "voice_kal_diphone", 105),
  ...recorded("festival", "voice_ked_diphone", 105),
  ...recorded("festival", "voice_cmu_us_slt_arctic_hts"),
];

/** A handful, for a quick run. */
export const FEW: readonly Voice[] = VOICES.filter(({ program }) => program === "espeak-ng").filter((_, i) => i % 26 === 0);
