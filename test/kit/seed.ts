/** Property tests take the same cases each time; `SEED=random` looks further, and `SEED=<number>` again at one finding. */
import fc from "fast-check";

const given = process.env.SEED ?? "20261123";
if (given !== "random") fc.configureGlobal({ seed: Number(given) });
