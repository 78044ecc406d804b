import { Pool } from "pg";

/** One pool for the whole site. */
export const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  connectionTimeoutMillis: 5_000,
  query_timeout: 10_000,
});

// A connection that dies while idle is replaced at its next use; without a listener it would end the process.
pool.on("error", (error) => console.error("idle database connection lost:", error.message));
