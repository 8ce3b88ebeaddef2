"""What is outside the frame of the pages: the login, errors, and files that pages need."""
