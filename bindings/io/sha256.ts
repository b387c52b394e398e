/** SHA-256 by a library, in a file of its own: a bundle holds it apart. */
export { sha256 } from "@noble/hashes/sha2";
export { bytesToHex } from "@noble/hashes/utils";
