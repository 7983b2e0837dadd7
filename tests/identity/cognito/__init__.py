"""People in a Cognito user pool, with AWS in the test's hands."""
