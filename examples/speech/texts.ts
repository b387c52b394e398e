/** What made voices read to the model of the prompts: sentences of a book, and phrases as machines on the telephone say them. */
import { Generator } from "wasm-rnn";
import { loadBook } from "../char-lstm/data.js";
import { spoken } from "./spoken.js";

const MOST_WORDS = 12;

/** Short sentences and clauses of Moby Dick, each once. */
export function sentences(): string[] {
  const parts = loadBook()
    .training.replace(/\s+/g, " ")
    .split(/(?<=[.!?;:])\s+|—|--/)
    .map(spoken);
  return [...new Set(parts)].filter((part) => part.length > 2 && part.split(" ").length <= MOST_WORDS);
}

/** What may stand for a word in capitals; there may be such words in it again. */
const GRAMMAR: Readonly<Record<string, string>> = {
  PHRASE:
    "PLEASE ACTION THING|to ACTION THING press KEY|press KEY to ACTION THING|press KEY and then KEY|for THING press KEY|OWNER THING STATE|" +
    "the THING you ACTED STATE|OWNER THING will be ACTED at TIME|COUNT THINGS have been ACTED|you have COUNT new THINGS|dial DIGITS|" +
    "the number is DIGITS|call DIGITS on DAY|it is TIME|DAY the ORDINAL of MONTH|MONTH ORDINAL at TIME|LETTERS|DIGITS|COUNT|NAME|DAY|MONTH|" +
    "NAME and NAME|the ORDINAL THING|TIME on DAY|THING|ACTED|ACTION|my name is NAME|NAME is not at home on DAY|wait for THING|KEY|LETTER|" +
    "thanks for your THING|we could not ACTION OWNER THING|who ACTED the THING|do you want to ACTION OWNER THING|THING and THING|ORDINAL|" +
    "if you would rather ACTION THING say LETTER now|when THING STATE hang up|OWNER THING was ACTED by NAME|there are COUNT THINGS in the THING|all THINGS|for more THINGS ACTION this THING",
  PLEASE: "please|now|you may|we will|you cannot|kindly|i would like to|let us|would you|they did not|do not|you must|in order to",
  ACTION:
    "enter|repeat|record|hear|change|save|delete|forward|call|check|leave|open|close|try|answer|hold|transfer|connect|send|cancel|accept|" +
    "reject|listen to|return to|lock|mute|add|remove|select|confirm|pay for|order|speak to|stop|start|move|find|read|write|use|join|exit",
  ACTED:
    "entered|repeated|recorded|heard|changed|saved|deleted|forwarded|called|checked|left|opened|closed|tried|answered|held|transferred|" +
    "connected|sent|cancelled|accepted|rejected|returned|locked|muted|added|removed|selected|confirmed|paid|ordered|stopped|started|moved",
  STATE:
    "is not valid|is busy|is ready|is too long|is empty|is full|is not available|has been ACTED|was ACTED|will be ACTED soon|is in use|" +
    "cannot be ACTED|has changed|is closed on DAY|begins at TIME|is correct|is wrong|was not found|has COUNT THINGS|is waiting",
  OWNER: "the|your|this|that|our|their|his|her|my|another|every|the next|the last|the first|the other|a new|an old",
  THING:
    "account|address|agent|answer|area code|balance|bill|call|caller|channel|code|company|conference|connection|console|customer|date|" +
    "department|desk|directory|door|emergency|entry|extension|file|folder|greeting|group|help|hotel|hour|house|information|introduction|" +
    "key|keypad|language|letter|line|list|location|machine|mailbox|manager|member|menu|message|minute|mobile|mode|moment|name|network|" +
    "number|office|operator|option|order|party|password|patience|payment|person|phone|question|queue|receipt|recording|representative|" +
    "reservation|response|room|sales|school|second|server|service|shipment|station|status|store|support|system|team|telephone|test|ticket|" +
    "tone|user|visitor|voice|voicemail|volume|weather|website|window|work|world|year",
  THINGS:
    "messages|minutes|calls|callers|numbers|hours|seconds|letters|options|passwords|extensions|members|days|weeks|keys|rooms|files|folders|" +
    "tickets|names|people|participants|conferences|customers|digits|entries|operators|questions|services|tones|voices|words|years|users",
  COUNT:
    "no|DIGIT|TEEN|TENS|TENS DIGIT|DIGIT hundred|DIGIT hundred and TENS|TEEN thousand|DIGIT million|a billion|minus TEEN|DIGIT dollars",
  DIGIT: "one|two|three|four|five|six|seven|eight|nine",
  TEEN: "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen",
  TENS: "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety",
  ORDINAL:
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|" +
    "seventeenth|eighteenth|nineteenth|twentieth|thirtieth|fortieth|fiftieth|sixtieth|hundredth|thousandth|TENS first|TENS fourth",
  DIGITS: "FIGURE FIGURE FIGURE|FIGURE FIGURE FIGURE FIGURE|FIGURE FIGURE FIGURE FIGURE FIGURE FIGURE FIGURE|FIGURE FIGURE",
  FIGURE: "oh|zero|DIGIT",
  KEY: "FIGURE|star|pound|the pound key|the star key|DIGIT|hash",
  TIME: "DIGIT o'clock|TEEN a m|DIGIT p m|TENS past DIGIT|noon|midnight|DIGIT thirty|this evening|yesterday|tomorrow|today",
  DAY: "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
  MONTH: "january|february|march|april|may|june|july|august|september|october|november|december",
  LETTERS: "LETTER LETTER|LETTER LETTER LETTER|LETTER FIGURE LETTER FIGURE|SPELT SPELT SPELT|SPELT SPELT",
  LETTER: [..."abcdefghijklmnopqrstuvwxyz"].join("|"),
  SPELT:
    "alpha|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliet|kilo|lima|mike|november|oscar|papa|quebec|romeo|sierra|tango|uniform|" +
    "victor|whiskey|x ray|yankee|zulu|niner",
  NAME:
    "alice|andrew|barbara|benjamin|carol|christopher|daniel|dorothy|edward|elizabeth|frank|george|helen|henry|jack|james|jennifer|john|" +
    "joseph|karen|kevin|laura|linda|margaret|mary|michael|nancy|oliver|patricia|paul|peter|rachel|richard|robert|ruth|sandra|sarah|" +
    "stephen|susan|thomas|victoria|walter|william",
};

/** So many phrases, each once. */
export function phrases(count: number, seed: number): string[] {
  const random = new Generator(seed);
  const made = new Set<string>();
  while (made.size < count) made.add(expanded("PHRASE", random));
  return [...made];
}

function expanded(slot: string, random: Generator): string {
  const choices = (GRAMMAR[slot] as string).split("|");
  const choice = choices[random.integer(choices.length)] as string;
  return choice.replace(/[A-Z]+/g, (inner) => expanded(inner, random));
}
