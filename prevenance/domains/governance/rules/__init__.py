"""What each role may do to councils and meetings: one sentence a refusal."""
