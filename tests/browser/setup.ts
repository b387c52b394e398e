/** Once, before all files: each of them installs the package. */
import { ensureReference } from "../helpers/package.js";

export default ensureReference;
